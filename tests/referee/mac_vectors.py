#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Numbers of other parties against lib/mac: transport block sizes, PDCCH candidates, PRACH configurations.

    mac_vectors.py MAC_VECTORS

They lie beside the project (../shared/vectors/phy, or $VITRAN_SHARED/vectors/phy), see README.md there. Each case becomes
a question to the program MAC_VECTORS, whose answer must be the expected one to the letter; `channel cases passed` is printed.
Our PRACH table holds some rows of one table (FR1, unpaired spectrum); rows of the vectors that it does not hold are counted,
not compared. All but one of the rows it holds are in the vectors, which are only half of the standard's table: too many for
chance. Take agreement there as a guard against changes, not as two parties having read the standard alike.
Without the folder, or with fewer cases than there were, this fails: a referee that is not there has not agreed."""

import json
import os
import subprocess
import sys

from vectors import folder

BITS_A_SYMBOL = {"QPSK": 2, "16QAM": 4, "64QAM": 6, "256QAM": 8}
LONG_PREAMBLES = ("0", "1", "2", "3")
TABLE_INDICES = range(256)
# Cases given, a channel: a shorter file must not pass as agreement.
AT_LEAST = {"tbs": 128, "pdcch_candidates": 218, "prach_configuration": 384}


def cases(channel):
    with open(os.path.join(folder("phy"), channel, "cases.json"), encoding="utf-8") as f:
        given = json.load(f)
    if len(given) < AT_LEAST[channel]:
        sys.exit(f"{channel}: {len(given)} cases in {f.name}, there were {AT_LEAST[channel]}")
    return given


def ask(program, questions):
    """The answers, a line a question."""
    done = subprocess.run([program], input="".join(q + "\n" for q in questions), text=True, stdout=subprocess.PIPE)
    answers = done.stdout.splitlines()
    if done.returncode or len(answers) != len(questions):
        sys.exit(f"{program}: exit {done.returncode}, {len(answers)} answers to {len(questions)} questions")
    return answers


def words(*values):
    return " ".join(str(v) for v in values)


def tbs(case):
    i = case["inputs"]
    rate_x10 = round(i["target_code_rate_x1024"] * 10)
    question = words("tbs", i["nof_symbols"], i["nof_dmrs_re_per_prb"], i["nof_overhead_re_per_prb"],
                     BITS_A_SYMBOL[i["modulation"]], rate_x10, i["nof_layers"], i["tb_scaling_field"], i["nof_prb"])
    return question, str(case["expected"]["transport_block_size_bits"])


def pdcch_candidates(case):
    i = case["inputs"]
    question = words(i["aggregation_level"], i["nof_candidates"], i["nof_cce_in_coreset"])
    if i["search_space"] == "common":
        question = words("common", question)
    else:
        question = words("ue", question, i["coreset_id"], i["rnti"], i["slot_index_in_frame"])
    return question, words(*case["expected"]["first_cce_per_candidate"])


def prach_configuration(case):
    e = case["expected"]
    # Where a field does not apply to a long preamble the vectors say 0; our table counts its one occasion.
    occasions = 1 if e["preamble_format"] in LONG_PREAMBLES else e["nof_time_occasions_in_prach_slot"]
    answer = words(e["preamble_format"], e["sfn_period_x"], *e["sfn_offset_y"], sum(1 << s for s in e["slots"]),
                   e["starting_symbol"], e["nof_prach_slots_in_reference_slot"], occasions, e["duration_symbols"])
    return f"prach {case['inputs']['prach_config_index']}", "none" if e["reserved"] else answer


def compare(channel, program, asked):
    """asked: (case, question, expected answer). True if all agree and there are any."""
    answers = ask(program, [question for _, question, _ in asked])
    passed = 0
    for (case, question, expected), answer in zip(asked, answers):
        if answer == expected:
            passed += 1
        else:
            print(f"{channel} {case['name']}: {question}\n    expected {expected}\n    ours     {answer}")
    print(f"{channel} {len(asked)} {passed}")
    return passed == len(asked) > 0


def ours_of_prach(program, asked):
    """The rows that our table holds. Says what is left uncompared on either side."""
    held = {f"prach {i}" for i, answer in enumerate(ask(program, [f"prach {i}" for i in TABLE_INDICES]))
            if answer != "none"}
    both = [a for a in asked if a[1] in held]
    print(f"prach_configuration: {len(asked) - len(both)} FR1 TDD rows of the vectors are not in our table, "
          f"{len(held - {question for _, question, _ in both})} of our {len(held)} rows are not in the vectors")
    return both


def main():
    program = os.path.abspath(sys.argv[1])
    agreed = True
    for channel, question_of in (("tbs", tbs), ("pdcch_candidates", pdcch_candidates),
                                 ("prach_configuration", prach_configuration)):
        given = cases(channel)
        if channel == "prach_configuration":
            given = [c for c in given if (c["inputs"]["frequency_range"], c["inputs"]["duplex_mode"]) == ("FR1", "TDD")]
        asked = [(case, *question_of(case)) for case in given]
        if channel == "prach_configuration":
            asked = ours_of_prach(program, asked)
        agreed = compare(channel, program, asked) and agreed
    return 0 if agreed else 1


if __name__ == "__main__":
    sys.exit(main())
