/* SPDX-License-Identifier: Apache-2.0 */
/* An operator's typing mistake must be named with its line; a default must never hide one. */
#include "lib/core/config.h"
#include "tests/unit/cu.h"

typedef struct {
    char imsi[16];
    uint8_t key[4];
    int64_t color;
} sub_t;

typedef struct {
    int64_t port;
    double gain;
    bool on;
    char name[8];
    uint32_t addr;
    struct {
        int64_t depth;
    } in;
    sub_t subs[2];
    uint32_t n_subs;
    int64_t list[4];
    uint32_t n_list;
} conf_t;

static const char *const colors[] = {"red", "green", NULL};
static const config_key_t in_keys[] = {{.name = "depth",
                                        .type = CONFIG_I64,
                                        .offset = 0,
                                        .min = 1,
                                        .max = 9,
                                        .def = "3",
                                        .unit = "m",
                                        .help = "how deep"},
                                       {0}};
static const config_key_t sub_keys[] = {
    {.name = "imsi", .type = CONFIG_STR, .offset = offsetof(sub_t, imsi), .size = 16, .help = "the IMSI"},
    {.name = "key", .type = CONFIG_HEX, .offset = offsetof(sub_t, key), .size = 4, .def = "00000000"},
    {.name = "color", .type = CONFIG_ENUM, .offset = offsetof(sub_t, color), .labels = colors, .def = "red"},
    {0}};
static const config_key_t scalar[] = {{.name = "", .type = CONFIG_I64, .min = 0, .max = 100}, {0}};
static const config_key_t keys[] = {
    {.name = "port",
     .type = CONFIG_I64,
     .offset = offsetof(conf_t, port),
     .min = 1,
     .max = 65535,
     .help = "UDP port"},
    {.name = "gain",
     .type = CONFIG_F64,
     .offset = offsetof(conf_t, gain),
     .min = -10,
     .max = 10,
     .def = "1.5"},
    {.name = "on", .type = CONFIG_BOOL, .offset = offsetof(conf_t, on), .def = "true"},
    {.name = "name", .type = CONFIG_STR, .offset = offsetof(conf_t, name), .size = 8, .def = "du"},
    {.name = "addr", .type = CONFIG_IPV4, .offset = offsetof(conf_t, addr), .def = "127.0.0.1"},
    {.name = "in", .type = CONFIG_MAP, .offset = offsetof(conf_t, in), .sub = in_keys},
    {.name = "subs",
     .type = CONFIG_LIST,
     .offset = offsetof(conf_t, subs),
     .size = 2,
     .def = "",
     .sub = sub_keys,
     .sub_size = sizeof(sub_t),
     .count_offset = offsetof(conf_t, n_subs)},
    {.name = "list",
     .type = CONFIG_LIST,
     .offset = offsetof(conf_t, list),
     .size = 4,
     .def = "",
     .sub = scalar,
     .sub_size = sizeof(int64_t),
     .count_offset = offsetof(conf_t, n_list)},
    {0}};

static int parse(const char *text, conf_t *c, config_error_t *e)
{
    memset(c, 0, sizeof *c);
    e->text[0] = '\0';
    return config_parse("x.yaml", text, strlen(text), keys, c, e);
}

static void test_good(void)
{
    conf_t c;
    config_error_t e;
    CU_ASSERT_EQUAL(parse("port: 0x10\nin: {depth: 7}\naddr: 10.1.2.3\nlist: [1, 2, 3]\n"
                          "subs:\n - {imsi: '001010000000001', key: 0aFf1234, color: green}\n",
                          &c, &e),
                    0);
    CU_ASSERT_EQUAL(c.port, 16);
    CU_ASSERT_EQUAL(c.gain, 1.5);
    CU_ASSERT_TRUE(c.on);
    CU_ASSERT_STRING_EQUAL(c.name, "du");
    CU_ASSERT_EQUAL(c.addr, 0x0a010203);
    CU_ASSERT_EQUAL(c.in.depth, 7);
    CU_ASSERT_EQUAL(c.n_subs, 1);
    CU_ASSERT_STRING_EQUAL(c.subs[0].imsi, "001010000000001");
    CU_ASSERT_BYTES(c.subs[0].key, 4, "\x0a\xff\x12\x34", 4);
    CU_ASSERT_EQUAL(c.subs[0].color, 1);
    CU_ASSERT_EQUAL(c.n_list, 3);
    CU_ASSERT_EQUAL(c.list[2], 3);
}

static void test_defaults_of_missing_map(void)
{
    conf_t c;
    config_error_t e;
    CU_ASSERT_EQUAL(parse("port: 1\n", &c, &e), 0);
    CU_ASSERT_EQUAL(c.in.depth, 3);
    CU_ASSERT_EQUAL(c.n_subs, 0);
}

static void test_errors(void)
{
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"port: 70000\n", "x.yaml:1: port: expected an integer from 1 to 65535, found \"70000\""},
        {"port: 1\ngain: nan\n", "x.yaml:2: gain: expected a number from -10 to 10, found \"nan\""},
        {"port: 1\nprot: 2\n",
         "x.yaml:2: prot: unknown key; expected one of: port, gain, on, name, addr, in, subs, list"},
        {"port: 1\nport: 2\n", "x.yaml:2: port: this key stands here twice"},
        {"gain: 1\n", "x.yaml:1: port: missing; expected UDP port"},
        {"port: 1\non: yes\n", "x.yaml:2: on: expected true or false, found \"yes\""},
        {"port: 1\nname: muchtoolong\n", "x.yaml:2: name: expected at most 7 characters, found 11"},
        {"port: 1\naddr: 10.0.0.256\n",
         "x.yaml:2: addr: expected an IPv4 address such as 10.0.0.1, found \"10.0.0.256\""},
        {"port: 1\nin: {depth: 0}\n",
         "x.yaml:2: in.depth: expected an integer from 1 to 9 in m, found \"0\""},
        {"port: 1\nin: 4\n", "x.yaml:2: in: expected a mapping of keys to values"},
        {"port: [1]\n", "x.yaml:1: port: expected one value, found a sequence"},
        {"port: 1\nsubs: [{imsi: a, key: 12}]\n",
         "x.yaml:2: subs[0].key: expected 8 hexadecimal digits, found \"12\""},
        {"port: 1\nsubs: [{imsi: a, color: blue}]\n",
         "x.yaml:2: subs[0].color: expected one of red, green, found \"blue\""},
        {"port: 1\nsubs:\n - {imsi: a}\n - {imsi: b}\n - {imsi: c}\n",
         "x.yaml:5: subs: expected at most 2 elements"},
        {"port: 1\nlist: [1, 101]\n", "x.yaml:2: list[1]: expected an integer from 0 to 100, found \"101\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        conf_t c;
        config_error_t e;
        CU_ASSERT_NOT_EQUAL(parse(cases[i].text, &c, &e), 0);
        CU_ASSERT_STRING_EQUAL(e.text, cases[i].want);
        if (strcmp(e.text, cases[i].want) != 0)
            printf("\n  got  %s\n  want %s\n", e.text, cases[i].want);
    }
}

static void test_not_yaml_and_no_file(void)
{
    conf_t c = {0};
    config_error_t e;
    CU_ASSERT_NOT_EQUAL(parse("port: [1\n", &c, &e), 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(e.text, "not YAML"));
    CU_ASSERT_NOT_EQUAL(config_load("/nonexistent/x.yaml", keys, &c, &e), 0);
    CU_ASSERT_STRING_EQUAL(e.text, "/nonexistent/x.yaml: cannot be read: No such file or directory");
}

CU_MAIN("config", {"good", test_good}, {"defaults of a missing map", test_defaults_of_missing_map},
        {"errors name line and key", test_errors}, {"not YAML, no file", test_not_yaml_and_no_file})
