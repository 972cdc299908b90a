"""The list of exceptions to these rules is there, and empty."""

LIST = "tests/house/allow-list"


def find(context):
    if LIST not in context.files():
        yield f"{LIST}:1: is missing"
    elif context.read(LIST):
        yield f"{LIST}:1: has an entry; mend the code instead"


BREACHES = {
    "an exception": {LIST: "lib/a.c:7\n"},
    "that the list is missing": {"a": ""},
}
FINE = {LIST: ""}
