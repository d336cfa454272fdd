/* SPDX-License-Identifier: Apache-2.0 */
/* Prints the samples, one "name: hex" a line, or writes them to a capture for tshark. */
#include "lib/core/pcap.h"
#include "tests/unit/lib/nas/samples.h"

#include <stdio.h>

int main(int argc, char **argv)
{
    static nas_sample_t s[NAS_SAMPLES_MAX];
    pcap_t *pcap = NULL;
    int n = nas_samples(s);
    if (n < 0 || (argc > 1 && pcap_create(argv[1], &pcap) < 0))
        return 1;
    for (int i = 0; i < n; i++) {
        if (pcap && pcap_write_exported(pcap, (int64_t)i * 1000000, "nas-5gs", s[i].pdu, s[i].n) < 0)
            return 1;
        printf("%s: ", s[i].name);
        for (size_t k = 0; k < s[i].n; k++)
            printf("%02x", s[i].pdu[k]);
        printf("\n");
    }
    pcap_close(pcap);
    return 0;
}
