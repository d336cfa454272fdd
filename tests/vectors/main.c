/* SPDX-License-Identifier: Apache-2.0 */
/* Runs the cases of one channel of the shared vectors; `run` beside this file extracts them and calls it.
 *
 *     vectors CHANNEL CASES_JSON FOLDER ISA [CASE]    lines about what failed, then "CASES PASSED"
 *     vectors --list                                  the channels that have a driver
 *     vectors --isa                                   the levels that this CPU has
 *
 * Exit 0 when all cases passed, 1 when one did not, 2 when the vectors cannot be read. */
#include "tests/vectors/channels.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Every expected value and file must have been looked at. */
static void check_coverage(vec_t *v)
{
    json_t *files = json_object_get(v->root, "files");
    for (size_t i = 0; i < json_array_size(files); i++) {
        const char *role = json_string_value(json_object_get(json_array_get(files, i), "role"));
        if (!v->file_used[i] && role && !strcmp(role, "expected"))
            vec_fail(v, json_string_value(json_object_get(json_array_get(files, i), "filename")),
                     "not compared");
    }
    json_t *expected = json_object_get(v->root, "expected"), *compared = json_object_get(v->root, "compared");
    const char *key;
    json_t *value;
    json_object_foreach(expected, key, value) if (!json_object_get(compared, key))
        vec_fail(v, key, "not compared");
    if (json_is_array(expected) && !json_object_get(compared, ""))
        vec_fail(v, "expected", "not compared");
}

static bool run_case(const vec_channel_t *c, const phy_t *phy, json_t *root, const char *folder)
{
    /* static: longjmp leaves it alone */
    static vec_t v;
    v = (vec_t){.phy = phy,
                .channel = c->channel,
                .name = json_string_value(json_object_get(root, "name")),
                .folder = folder,
                .root = root,
                .inputs = json_object_get(root, "inputs")};
    if (!v.name || strchr(v.name, ' '))
        v.name = "?";
    if (setjmp(v.stop)) {
        v.n_failures++;
    } else {
        if (!strcmp(v.name, "?") || !json_is_object(v.inputs))
            vec_die(&v, "a case without name or inputs");
        c->run(&v);
        if (!v.n_failures)
            check_coverage(&v);
    }
    for (size_t i = 0; i < v.n_blocks; i++)
        free(v.blocks[i]);
    free(v.blocks);
    return v.n_failures == 0;
}

static int run_channel(const vec_channel_t *c, const phy_t *phy, const char *path, const char *folder,
                       const char *only)
{
    json_error_t error;
    json_t *cases = json_load_file(path, 0, &error);
    if (!json_is_array(cases)) {
        fprintf(stderr, "%s: %s\n", path, error.text);
        return 2;
    }
    size_t n = 0, passed = 0;
    for (size_t i = 0; i < json_array_size(cases); i++) {
        json_t *root = json_array_get(cases, i);
        const char *name = json_string_value(json_object_get(root, "name"));
        if (only && (!name || strcmp(name, only) != 0))
            continue;
        n++;
        passed += run_case(c, phy, root, folder);
    }
    json_decref(cases);
    printf("%zu %zu\n", n, passed);
    return n && passed == n ? 0 : 1;
}

int main(int argc, char **argv)
{
    if (argc == 2 && !strcmp(argv[1], "--list")) {
        for (const vec_channel_t *c = vec_channels; c->channel; c++)
            printf("%s\n", c->channel);
        return 0;
    }
    if (argc == 2 && !strcmp(argv[1], "--isa")) {
        for (int i = 0; i <= (int)phy_isa_detect(); i++)
            printf("%s\n", phy_isa_name((phy_isa_t)i));
        return 0;
    }
    if (argc != 5 && argc != 6) {
        fprintf(stderr, "usage: vectors CHANNEL CASES_JSON FOLDER ISA [CASE] | --list | --isa\n");
        return 2;
    }
    const vec_channel_t *c = vec_channels;
    while (c->channel && strcmp(c->channel, argv[1]) != 0)
        c++;
    int isa = 0;
    while (isa < PHY_N_ISA && strcmp(phy_isa_name((phy_isa_t)isa), argv[4]) != 0)
        isa++;
    if (!c->channel || isa == PHY_N_ISA || isa > (int)phy_isa_detect()) {
        fprintf(stderr, "no driver of %s, or this CPU has no %s\n", argv[1], argv[4]);
        return 2;
    }
    phy_t *phy;
    if (phy_create((phy_isa_t)isa, &phy)) {
        fprintf(stderr, "no memory\n");
        return 2;
    }
    int result = run_channel(c, phy, argv[2], argv[3], argc == 6 ? argv[5] : NULL);
    phy_destroy(phy);
    return result;
}
