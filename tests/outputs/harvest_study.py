"""A little study in which every way that a harvest can go is drawn once; the data cut is 2024-12-31."""

TOML = """
records_per_timepoint = "closest"
[targets]
accrual = 20
evaluable = 6
anticipated_evaluable_rate = 0.5
[accrual_plan]
start = 2024-01-01
planned_per_month = 2
sites = ["A", "B", "C"]
[timepoints]
baseline = "Baseline"
follow_up = "Week 9"
[[visits]]
AVISIT = "Baseline"
target_day = 1
first_day = -28
last_day = 1
[[visits]]
AVISIT = "Week 9"
target_day = 64
first_day = 50
last_day = 85
[[filters]]
variable = "SITEID"
label = "Site"
[[parameters]]
PARAMCD = "AR"
label = "AR"
specimen = "bone marrow"
[[parameters]]
PARAMCD = "PSA"
label = "PSA"
unit = "ng/mL"
specimen = "serum"
role = "tumour_burden"
scale = "log2"
"""

ADSL = """
    | USUBJID | SITEID | AGE | ENRLDT     | TRTSDT     | EOSSTT       | EOSDT      |
    | 01      | A      | 60  | 2024-01-25 | 2024-02-01 | ONGOING      |            |
    | 02      | A      | 62  | 2024-01-27 | 2024-02-01 | ONGOING      |            |
    | 03      | A      | 64  | 2024-01-30 | 2024-02-01 | ONGOING      |            |
    | 04      | A      | 66  | 2024-11-21 | 2024-12-01 | ONGOING      |            |
    | 05      | B      | 68  | 2024-10-10 | 2024-10-20 | ONGOING      |            |
    | 06      | B      | 70  | 2024-10-12 | 2024-10-20 | DISCONTINUED | 2024-11-20 |
    | 07      | B      | 72  | 2024-12-20 |            | ONGOING      |            |
    | 08      | B      | 74  | 2024-06-01 |            | DISCONTINUED | 2024-06-20 |
    | 09      | B      | 76  | 2024-12-22 | 2024-12-28 | ONGOING      |            |
    | 10      | B      | 78  | 2024-10-12 | 2024-10-20 | ONGOING      |            |
    | 11      | B      | 80  | 2024-10-12 | 2024-10-20 | ONGOING      |            |
    | 12      | A      | 61  | 2024-02-20 | 2024-03-01 | ONGOING      |            |
    | 13      | A      | 63  | 2024-04-22 | 2024-05-01 | DEAD         | 2024-05-30 |
    | 14      | A      | 65  |            |            |              |            |
    | 15      | A      | 67  | 2024-12-15 |            | ONGOING      |            |
    | 16      | A      | 69  | 2024-12-16 |            | ONGOING      |            |
"""

ADBE = """
    | USUBJID | BEREFID | AVISIT   | ADT        | BEMETHOD | EVALFL | EVALREAS        |
    | 01      | 1       | Baseline | 2024-01-30 | BIOPSY   | Y      |                 |
    | 01      | 2       | Baseline | 2024-01-30 | ASPIRATE | N      | Dry tap         |
    | 01      | 3       | Week 9   | 2024-04-05 | BIOPSY   | Y      |                 |
    | 02      | 1       | Baseline | 2024-01-30 | BIOPSY   | Y      |                 |
    | 02      | 3       | Week 9   | 2024-04-05 | BIOPSY   | N      | No tumour       |
    | 02      | 4       | Week 9   | 2024-04-09 | BIOPSY   | N      | Dry tap         |
    | 03      | 1       | Baseline | 2024-01-30 | BIOPSY   | N      | No tumour       |
    | 03      | 3       | Week 9   | 2024-04-05 | BIOPSY   | Y      |                 |
    | 04      | 1       | Baseline | 2024-11-30 | BIOPSY   | Y      |                 |
    | 05      | 1       | Baseline | 2024-10-18 | ASPIRATE | Y      |                 |
    | 05      | 3       | Week 9   | 2024-12-18 | BIOPSY   | Y      |                 |
    | 06      | 1       | Baseline | 2024-10-18 | BIOPSY   | Y      |                 |
    | 09      | 1       | Baseline | 2024-12-27 | BIOPSY   |        |                 |
    | 10      | 1       | Baseline | 2024-10-18 | BIOPSY   | Y      |                 |
    | 10      | 3       | Week 9   |            | BIOPSY   | N      | Patient refused |
    | 11      | 1       | Baseline | 2024-10-18 | BIOPSY   | Y      |                 |
    | 11      | 3       | Week 9   | 2024-12-13 | BIOPSY   | N      | No tumour       |
    | 12      | 1       | Baseline | 2024-02-28 | BIOPSY   | Y      |                 |
    | 12      | 3       | Week 9   | 2024-06-03 | BIOPSY   | Y      |                 |
    | 13      | 1       | Baseline | 2024-04-30 | BIOPSY   | Y      |                 |
    | 15      | 1       | Baseline | 2024-12-20 | BIOPSY   | Y      |                 |
    | 16      | 1       | Baseline | 2024-12-20 | BIOPSY   | N      | No tumour       |
"""

ADBM = """
    | USUBJID | PARAMCD | AVISIT   | AVISITN | ADT        | AVAL | BEREFID |
    | 01      | AR      | Baseline | 0       | 2024-01-30 | 100  | 1       |
    | 01      | AR      | Week 9   | 9       | 2024-04-05 | 80   | 3       |
    | 05      | AR      | Baseline | 0       | 2024-10-18 | 90   | 1       |
    | 01      | PSA     | Baseline | 0       | 2024-02-01 | 8    |         |
    | 01      | PSA     | Week 9   | 9       | 2024-04-05 | 4    |         |
    | 02      | PSA     | Baseline | 0       | 2024-02-01 | 32   |         |
    | 02      | PSA     | Week 9   | 9       | 2024-04-05 | 16   |         |
    | 03      | PSA     | Baseline | 0       | 2024-02-01 | 128  |         |
    | 05      | PSA     | Baseline | 0       | 2024-10-20 | 4    |         |
    | 14      | PSA     | Baseline | 0       | 2024-02-01 | 1    |         |
"""

ADQS = """
    | USUBJID | PARAMCD | AVISIT   | ADT        | ABLFL | AVAL |
    | 01      | ECOG    | Baseline | 2024-01-30 | Y     | 0    |
    | 02      | ECOG    | Baseline | 2024-01-30 | Y     | 1    |
    | 03      | ECOG    | Baseline | 2024-01-30 | Y     | 1    |
    | 05      | ECOG    | Baseline | 2024-10-18 | Y     | 0    |
"""

STATES = {
    "evaluable pair": ["01", "05"],
    "failed at Baseline": ["03", "08"],
    "failed at Week 9": ["02", "06", "10", "12", "13"],
    "waiting for Baseline": ["07", "09", "16"],
    "waiting for Week 9": ["04", "11", "15"],
}
"""14 was never registered. 12's later specimen is on day 95; 13 died on day 30; 10 refused; 11 failed with the window open."""

ALL = {"adsl": ADSL, "adbe": ADBE, "adbm": ADBM, "adqs": ADQS}


def worked(cut_days: bool = True) -> tuple[str, str, str]:
    """The protocol's example as a study: its toml, ADSL and ADBE; `cut_days` gives it windows."""
    windows = TOML[TOML.index("[[visits]]") : TOML.index("[[filters]]")] if cut_days else ""
    toml = '[targets]\naccrual = 60\nevaluable = 30\n[timepoints]\nfollow_up = "Week 9"\n' + windows
    adsl, adbe = (
        ["| USUBJID | ENRLDT | TRTSDT | EOSSTT |"],
        ["| USUBJID | BEREFID | AVISIT | ADT | EVALFL | EVALREAS |"],
    )
    for number in range(47):
        name = f"{number:02}"
        failed, paired, lost, open_ = number < 12, 12 <= number < 27, 27 <= number < 32, 32 <= number < 40
        dosed = "" if number >= 40 else "2024-12-01" if open_ else "2024-03-01"
        adsl.append(f"| {name} | {'2024-11-20' if open_ or not dosed else '2024-02-20'} | {dosed} | ONGOING |")
        if number < 40:
            day = "2024-11-30" if open_ else "2024-02-28"
            adbe.append(f"| {name} | 1 | Baseline | {day} | {'N' if failed else 'Y'} | {'Dry tap' if failed else ''} |")
        if paired or lost:
            adbe.append(
                f"| {name} | 2 | Week 9 | 2024-05-03 | {'Y' if paired else 'N'} | {'Dry tap' if lost else ''} |"
            )
    return toml, "\n".join(adsl), "\n".join(adbe)
