"""Device URIs: a table, and what must hold for any text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iree.hal import DeviceUri
from iree.hal._errors import InvalidArgumentError

text = st.text(st.characters(codec="utf-8", exclude_characters="\0"))
names = st.from_regex(r"[a-z][a-z0-9_-]{0,9}", fullmatch=True)


@pytest.mark.parametrize(
    ("uri", "parsed"),
    [
        ("cpu", DeviceUri("cpu")),
        ("cpu?threads=4", DeviceUri("cpu", "", (("threads", "4"),))),
        ("vulkan://1", DeviceUri("vulkan", "1")),
        ("vulkan://0000:41:00.0/x", DeviceUri("vulkan", "0000:41:00.0/x")),
        ("a-b_2://x?k=&l=a=b", DeviceUri("a-b_2", "x", (("k", ""), ("l", "a=b")))),
        ("cpu?k%20%26=%c3%a9%2B+", DeviceUri("cpu", "", (("k &", "é++"),))),
        ("cpu://a?b=c?d", DeviceUri("cpu", "a", (("b", "c?d"),))),
    ],
)
def test_parse(uri: str, parsed: DeviceUri) -> None:
    assert DeviceUri.parse(uri) == parsed
    assert DeviceUri.parse(str(parsed)) == parsed


@pytest.mark.parametrize(
    ("uri", "why"),
    [
        ("", "no driver name"),
        ("CPU", "no driver name"),
        ("1cpu", "no driver name"),
        (" cpu", "no driver name"),
        ("cpu\n", "no driver name"),
        ("cpu:1", "no driver name"),
        ("://0", "no driver name"),
        ("cpu://", "nothing after"),
        ("cpu?", "not key=value"),
        ("cpu?threads", "not key=value"),
        ("cpu?=4", "not key=value"),
        ("cpu?a=1&", "not key=value"),
        ("cpu?a=1&a=2", "twice"),
        ("cpu?a=1&%61=2", "twice"),
        ("cpu?a=%", "incomplete"),
        ("cpu?a=%4", "incomplete"),
        ("cpu?a=%zz", "incomplete"),
        ("cpu?a=%ff", "UTF-8"),
        ("cpu?a=%00", "NUL"),
        ("cpu?a=\ud800", "UTF-8"),
    ],
)
def test_refused(uri: str, why: str) -> None:
    with pytest.raises(InvalidArgumentError, match=why) as caught:
        DeviceUri.parse(uri)
    assert "driver://path?key=value" in str(caught.value)


@given(names, text, st.dictionaries(text.filter(bool), text))
def test_str_parses_to_the_same(driver: str, path: str, options: dict[str, str]) -> None:
    uri = DeviceUri(driver, path, tuple(options.items()))
    assert DeviceUri.parse(str(uri)) == uri
    assert str(uri).isascii()


@given(st.text() | st.text("cpu:/?&=%0af\0", max_size=30))
def test_any_text_is_parsed_or_refused(text: str) -> None:
    try:
        uri = DeviceUri.parse(text)
    except InvalidArgumentError:
        return
    assert DeviceUri.parse(str(uri)) == uri
