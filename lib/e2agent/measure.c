/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/e2agent/measure.h"

#include <string.h>

typedef kpm_value_t (*formula_t)(const measure_input_t *in);

static kpm_value_t integer(double v)
{
    return (kpm_value_t){KPM_INTEGER, v <= 0 ? 0 : v >= UINT32_MAX ? UINT32_MAX : (uint32_t)(v + 0.5), 0};
}

static kpm_value_t real(double v)
{
    return (kpm_value_t){KPM_REAL, 0, v};
}

static const kpm_value_t none = {KPM_NONE, 0, 0};

/* Volume over the time in which there was something to send (5.1.1.3.1); over the period where the node does
 * not measure that time. */
static kpm_value_t throughput(uint64_t bytes, uint64_t active_us, const measure_input_t *in)
{
    double us = active_us ? (double)active_us : (double)in->period_us * (in->n_ues ? in->n_ues : 1);
    return us > 0 ? integer((double)bytes * 8000 / us) : none; /* kbit/s */
}

static kpm_value_t thp_dl(const measure_input_t *in)
{
    return throughput(in->ue.dl_bytes, in->ue.dl_active_us, in);
}

static kpm_value_t thp_ul(const measure_input_t *in)
{
    return throughput(in->ue.ul_bytes, in->ue.ul_active_us, in);
}

static kpm_value_t volume_dl(const measure_input_t *in)
{
    return integer((double)in->ue.dl_bytes * 8 / 1000); /* kbit */
}

static kpm_value_t volume_ul(const measure_input_t *in)
{
    return integer((double)in->ue.ul_bytes * 8 / 1000);
}

/* Mean PRBs in use, over the slots of the direction. */
static kpm_value_t mean_prbs(uint64_t used, uint64_t slots_prbs, uint32_t n_prb)
{
    return slots_prbs ? integer((double)used * n_prb / (double)slots_prbs) : none;
}

static kpm_value_t prb_used_dl(const measure_input_t *in)
{
    return mean_prbs(in->ue.dl_prbs, in->cell.dl_slots_prbs, in->cell.n_prb_dl);
}

static kpm_value_t prb_used_ul(const measure_input_t *in)
{
    return mean_prbs(in->ue.ul_prbs, in->cell.ul_slots_prbs, in->cell.n_prb_ul);
}

static kpm_value_t percent(uint64_t used, uint64_t of)
{
    return of ? integer((double)used * 100 / (double)of) : none;
}

static kpm_value_t prb_tot_dl(const measure_input_t *in)
{
    return percent(in->ue.dl_prbs, in->cell.dl_slots_prbs);
}

static kpm_value_t prb_tot_ul(const measure_input_t *in)
{
    return percent(in->ue.ul_prbs, in->cell.ul_slots_prbs);
}

static kpm_value_t prb_avail_dl(const measure_input_t *in)
{
    return integer(in->cell.n_prb_dl);
}

static kpm_value_t prb_avail_ul(const measure_input_t *in)
{
    return integer(in->cell.n_prb_ul);
}

static kpm_value_t delay_dl(const measure_input_t *in) /* 0.1 ms */
{
    return in->ue.dl_sdus ? real((double)in->ue.dl_sdu_delay_us_sum / (double)in->ue.dl_sdus / 100) : none;
}

static kpm_value_t tbs_dl(const measure_input_t *in)
{
    return integer((double)in->ue.dl_tbs);
}

static kpm_value_t tbs_nack_dl(const measure_input_t *in)
{
    return integer((double)in->ue.dl_tbs_nack);
}

static kpm_value_t tbs_ul(const measure_input_t *in)
{
    return integer((double)in->ue.ul_tbs);
}

static kpm_value_t tbs_error_ul(const measure_input_t *in)
{
    return integer((double)in->ue.ul_tbs_crc_error);
}

static kpm_value_t cqi(const measure_input_t *in)
{
    return in->n_cqi ? real(in->cqi_sum / in->n_cqi) : none;
}

static kpm_value_t connected(const measure_input_t *in)
{
    return integer(in->n_ues);
}

enum { CELL = 1, UE = 2 };

static const struct {
    const char *name;
    int scope;
    formula_t formula;
} table[] = {
    {"DRB.UEThpDl", CELL | UE, thp_dl},                      /* 5.1.1.3.1, kbit/s */
    {"DRB.UEThpUl", CELL | UE, thp_ul},                      /* 5.1.1.3.3, kbit/s */
    {"DRB.RlcSduTransmittedVolumeDL", CELL | UE, volume_dl}, /* kbit */
    {"DRB.RlcSduTransmittedVolumeUL", CELL | UE, volume_ul}, /* kbit */
    {"RRU.PrbUsedDl", CELL | UE, prb_used_dl},               /* 5.1.1.2.5, mean PRBs */
    {"RRU.PrbUsedUl", CELL | UE, prb_used_ul},               /* 5.1.1.2.7 */
    {"RRU.PrbTotDl", CELL | UE, prb_tot_dl},                 /* 5.1.1.2.1, % of those there are */
    {"RRU.PrbTotUl", CELL | UE, prb_tot_ul},                 /* 5.1.1.2.2 */
    {"RRU.PrbAvailDl", CELL, prb_avail_dl},                  /* 5.1.1.2.6 */
    {"RRU.PrbAvailUl", CELL, prb_avail_ul},                  /* 5.1.1.2.8 */
    {"DRB.RlcSduDelayDl", CELL | UE, delay_dl},              /* 5.1.3.3.3, 0.1 ms */
    {"TB.TotNbrDl", CELL | UE, tbs_dl},                      /* 5.1.1.7.1, transport blocks sent */
    {"TB.ErrTotalNbrDl", CELL | UE, tbs_nack_dl},            /* 5.1.1.7.2, not acknowledged */
    {"TB.TotNbrUl", CELL | UE, tbs_ul},                      /* 5.1.1.7.6 */
    {"TB.ErrTotalNbrUl", CELL | UE, tbs_error_ul},           /* 5.1.1.7.7 */
    {"CQI", CELL | UE, cqi},                                 /* last wideband CQI; not of TS 28.552 */
    {"RRC.ConnMean", CELL, connected},                       /* 5.1.1.4.1, UEs */
};

#define N_TABLE ((uint32_t)(sizeof table / sizeof *table))

static uint32_t names(const char *ret[MEASURE_MAX], int scope)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < N_TABLE; i++)
        if (table[i].scope & scope)
            ret[n++] = table[i].name;
    return n;
}

uint32_t measure_cell_names(const char *ret[MEASURE_MAX])
{
    return names(ret, CELL);
}

uint32_t measure_ue_names(const char *ret[MEASURE_MAX])
{
    return names(ret, UE);
}

uint32_t measure_find(asn1_bytes_t name)
{
    for (uint32_t i = 0; i < N_TABLE; i++)
        if (strlen(table[i].name) == name.n && memcmp(table[i].name, name.p, name.n) == 0)
            return i;
    return MEASURE_UNKNOWN;
}

#define UE_COUNTERS(X)                                                                                       \
    X(dl_bytes)                                                                                              \
    X(ul_bytes)                                                                                              \
    X(dl_active_us)                                                                                          \
    X(ul_active_us)                                                                                          \
    X(dl_prbs)                                                                                               \
    X(ul_prbs) X(dl_tbs) X(dl_tbs_nack) X(ul_tbs) X(ul_tbs_crc_error) X(dl_sdus) X(dl_sdu_delay_us_sum)

void measure_ue_difference(const e2agent_ue_t *now, const e2agent_ue_t *before, e2agent_ue_t *ret)
{
    *ret = *now;
#define SUBTRACT(x) ret->x = now->x >= before->x ? now->x - before->x : 0;
    UE_COUNTERS(SUBTRACT)
#undef SUBTRACT
}

void measure_ue_add(e2agent_ue_t *sum, const e2agent_ue_t *d)
{
#define ADD(x) sum->x += d->x;
    UE_COUNTERS(ADD)
#undef ADD
}

kpm_value_t measure(uint32_t id, const measure_input_t *in)
{
    return id < N_TABLE ? table[id].formula(in) : none;
}
