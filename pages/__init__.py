"""The menu: what a reader sees, in sections and reading order."""

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pages.parts.trial import Trial


@dataclass(frozen=True)
class Page:
    """One entry of the menu; its module has a function ``show(trial)``."""

    section: str
    name: str
    title: str
    icon: str

    @property
    def path(self) -> str:
        """Its place in the address."""
        return self.name.replace("_", "-")

    def show(self, trial: "Trial") -> None:
        """Draw the page; its module is imported on the first visit."""
        import_module(f"pages.{self.name}").show(trial)


PAGES = (
    Page("Study", "overview", "Overview", ":material/monitor_heart:"),
    Page("Study", "accrual", "Accrual", ":material/groups:"),
    Page("Study", "power", "Power", ":material/functions:"),
    Page("Biomarkers", "change", "Change", ":material/trending_down:"),
    Page("Biomarkers", "panel", "Panel", ":material/view_list:"),
    Page("Biomarkers", "association", "Association", ":material/scatter_plot:"),
    Page("Performance status", "ecog", "ECOG", ":material/accessibility_new:"),
    Page("Safety", "adverse_events", "Adverse events", ":material/healing:"),
    Page("Safety", "safety_timeline", "Safety timeline", ":material/timeline:"),
    Page("Patients", "patient", "Patient", ":material/person:"),
    Page("Report", "report", "Report", ":material/description:"),
    Page("Data", "cut_changes", "What changed", ":material/difference:"),
    Page("Data", "study_data", "Study data", ":material/table_view:"),
)
