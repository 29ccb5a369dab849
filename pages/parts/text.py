"""Text from data and addresses, shown as it is."""


def literal(text: str) -> str:
    """Text for Streamlit's Markdown with nothing in it that Markdown would read."""
    return "".join(f"\\{mark}" if mark in "\\`*_{}[]()#+-.!|<>$~:" else mark for mark in text)
