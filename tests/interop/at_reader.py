"""Reads AT responses as hosts do: one function a command, a dictionary of what it says.

The readers are held against responses of many modems that others have collected (test_at.py does so where
QMIKIT_VECTORS says where they are), then they read what the virtual modem says."""

import ipaddress
import re

STATES = ["idle", "home", "searching", "denied", "unknown", "roaming", "home-sms-only", "roaming-sms-only",
          "emergency-only", "home-csfb-not-preferred", "roaming-csfb-not-preferred", "attached-rlos"]
ACTS = {0: "gsm", 1: "gsm-compact", 2: "umts", 3: "edge", 4: "hsdpa", 5: "hsupa", 6: "hspa", 7: "lte"}
CALLS = ["active", "held", "dialing", "ringing-out", "ringing-in", "waiting"]
TYPES = {"IP": "ipv4", "IPV6": "ipv6", "IPV4V6": "ipv4v6"}
MODES = {12: "2g", 22: "3g", 25: "2g, 3g, 4g", 28: "4g", 29: "2g, 3g", 30: "2g, 4g", 31: "3g, 4g"}


def lines(text, name):
    """What stands behind `name:` in each line that has it."""
    found = re.findall(rf"^\s*{re.escape(name)}:?\s*(.*?)\s*$", text.replace("\r", "\n"), re.MULTILINE)
    return found


def fields(text):
    """The fields between commas, without quotation marks; None where nothing stands."""
    found = []
    for match in re.finditer(r'\s*("([^"]*)"|\([^)]*\)|[^,]*)\s*(,|$)', text):
        value = match.group(2) if match.group(2) is not None else match.group(1).strip()
        found.append(value if value != "" else None)
        if match.group(3) == "":
            break
    return found


def groups(text):
    """The lists in parentheses, ranges written out."""
    return [numbers(inside) for inside in re.findall(r"\(([^()]*)\)", text)]


def numbers(text):
    found = []
    for part in text.replace('"', "").split(","):
        part = part.strip()
        span = re.fullmatch(r"(\d+)-(\d+)", part)
        if span:
            found += [str(n) for n in range(int(span.group(1)), int(span.group(2)) + 1)]
        elif part:
            found.append(part)
    return found


def creg(text, name, solicited=True):
    parts = fields(lines(text, name)[0])
    if solicited and len(parts) >= 2 and (len(parts) != 4 or len(parts[1]) == 1):
        parts = parts[1:]
    known = len(parts) >= 3
    return {
        "state": STATES[int(parts[0])],
        "lac": int(parts[1], 16) if known else 0,
        "ci": int(parts[2], 16) if known else 0,
        "act": ACTS[int(parts[3])] if len(parts) > 3 else "unknown",
    }


def scan(text):
    found = []
    for entry in re.findall(r'\((\d),"([^"]*)",(?:"([^"]*)")?,"?(\d+)"?(?:,(\d))?\)', text):
        found.append({
            "status": ["unknown", "available", "current", "forbidden"][int(entry[0])],
            "long": entry[1] or None,
            "short": entry[2] or None,
            "code": entry[3],
            "act": ACTS[int(entry[4] or 0)],
        })
    return {"networks": found}


def operator(text):
    parts = fields(lines(text, "+COPS")[0])
    return {
        "mode": int(parts[0]),
        "format": int(parts[1]) if len(parts) > 1 else None,
        "operator": parts[2] if len(parts) > 2 else None,
        "act": ACTS[int(parts[3])] if len(parts) > 3 else "unknown",
    }


def csq(text):
    rssi, ber = (int(n) for n in fields(lines(text, "+CSQ")[0]))
    return {"rssi_index": rssi, "rssi_dbm": None if rssi == 99 else 2 * rssi - 113,
            "ber": None if ber == 99 else ber}


def cesq(text):
    names = ("rxlev", "ber", "rscp", "ecn0", "rsrq", "rsrp")
    return dict(zip(names, (int(n) for n in fields(lines(text, "+CESQ")[0]))))


def cgact(text):
    return {"contexts": [{"cid": int(line[0]), "active": line[1] == "1"}
                         for line in map(fields, lines(text, "+CGACT"))]}


def cgdcont(text):
    return {"contexts": [{"cid": int(line[0]), "type": TYPES[line[1]], "apn": line[2]}
                         for line in map(fields, lines(text, "+CGDCONT")) if line[1] in TYPES]}


def cgdcont_test(text):
    found = []
    for line in lines(text, "+CGDCONT"):
        cids, kind = groups(line)[0], re.search(r'"(\w+)"', line).group(1)
        if kind in TYPES:
            found.append({"min_cid": int(cids[0]), "max_cid": int(cids[-1]), "type": TYPES[kind]})
    return {"formats": found}


def cpms_test(text):
    found = [[name.lower() for name in names] for names in groups(lines(text, "+CPMS")[0])]
    return {"mem1": found[0], "mem2": found[1], "mem3": found[2]}


def cpms(text):
    parts = fields(lines(text, "+CPMS")[0])
    known = [name.lower() if name in ("ME", "SM", "MT", "SR", "BM") else "unknown" for name in parts[0::3]]
    return {"mem1": known[0], "mem2": known[1]}


def clcc(text):
    found = []
    for line in map(fields, lines(text, "+CLCC")):
        if line[3] == "0":
            found.append({"index": int(line[0]), "direction": "incoming" if line[1] == "1" else "outgoing",
                          "state": CALLS[int(line[2])], "number": line[5] if len(line) > 5 else None})
    return {"calls": found}


def cclk(text):
    match = re.search(r'(\d\d)/(\d\d)/(\d\d),(\d\d:\d\d:\d\d)([+-]\d\d)?', text)
    return {"date": "20{}-{}-{}T{}".format(*match.groups()[:4]),
            "offset_minutes": int(match.group(5) or 0) * 15}


def crsm(text):
    parts = fields(lines(text, "+CRSM")[0])
    return {"sw1": int(parts[0]), "sw2": int(parts[1]), "hex": parts[2] or ""}


def csim_retries(text):
    match = re.search(r'"(?:0000)?63C([0-9A-F])"', text)
    return {"retries": int(match.group(1), 16)}


def address(text):
    """As people write it: sixteen numbers are one of IPv6."""
    if not text:
        return None
    octets = text.split(".")
    return str(ipaddress.ip_address(bytes(map(int, octets)) if len(octets) == 16 else text))


def cgcontrdp(text):
    parts = fields(lines(text, "+CGCONTRDP")[0]) + [None] * 7
    octets = (parts[3] or "").split(".")
    size = 16 if len(octets) >= 16 else 4
    return {"cid": int(parts[0]), "bearer_id": int(parts[1]), "apn": parts[2],
            "local_address": address(".".join(octets[:size])), "subnet": address(".".join(octets[size:])),
            "gateway": address(parts[4]), "dns1": address(parts[5]), "dns2": address(parts[6])}


def cfun(text):
    return {"state": int(fields(lines(text, "+CFUN")[0])[0])}


def cnum(text):
    return {"numbers": [fields(line)[1] for line in lines(text, "+CNUM")]}


def cscs(text):
    return {"charsets": groups(lines(text, "+CSCS")[0])[0]}


def ctzu(text):
    modes = groups(lines(text, "+CTZU")[0])[0]
    if not modes:
        raise ValueError("no modes")
    return {"disable": int("0" in modes), "enable": int("1" in modes), "enable_update_rtc": int("3" in modes)}


def ws46(text):
    return {"modes": [MODES[int(n)] for n in groups(lines(text, "+WS46")[0])[0] if int(n) in MODES]}


def cpin(text):
    return {"lock": lines(text, "+CPIN")[0].replace('"', "").lower().replace(" ", "-")}


def ccwa(text):
    return {"status": int([f for f in map(fields, lines(text, "+CCWA")) if int(f[1]) & 1][0][0])}


def cpol(text):
    parts = fields(lines(text, "+CPOL")[0])
    names = ("gsm", "gsm_compact", "utran", "eutran", "ngran")
    found = {"index": int(parts[0]), "operator": parts[2], "act_count": len(parts) - 3}
    found.update({name: int(parts[3 + i]) if 3 + i < len(parts) else 0 for i, name in enumerate(names)})
    return found


def qnwinfo(text):
    parts = fields(lines(text, "+QNWINFO")[0])
    return {"value.act": parts[0], "value.oper": parts[1], "value.band": parts[2],
            "value.channel": int(parts[3])}


def qeng(text):
    parts = fields(lines(text, "+QENG")[0])
    if parts[2] != "LTE":
        raise ValueError("not this form")
    bandwidth = [1.4, 3, 5, 10, 15, 20][int(parts[11])]
    lte = {"mcc": int(parts[4]), "mnc": parts[5], "cid": int(parts[6], 16), "pci": int(parts[7]),
           "earfcn": int(parts[8]), "band": int(parts[9]), "bandwidth_mhz": bandwidth,
           "tac": int(parts[12], 16), "rsrp": int(parts[13]), "rsrq": int(parts[14]),
           "rssi": int(parts[15]), "sinr": int(parts[16])}
    return {"value.state": parts[1], "value.lte": lte}


def qcainfo(text):
    parts = fields(lines(text, "+QCAINFO")[0])
    return {"earfcn": int(parts[1]), "rb": int(parts[2]), "band": int(parts[3].split()[-1]), "pci": int(parts[5])}


def revision(text):
    match = re.search(r"R(\d\d)A(\d\d)M", text)
    return {"release": int(match.group(1)), "minor": int(match.group(2))}


# Vectors of forms that this modem does not have: an operator name in another alphabet or a broken list (+COPS),
# several ranges (+CGDCONT), the address apart from its mask (+CGCONTRDP), calls that are no calls (+CLCC), other
# character sets, a stack's number that means less than the standard says (+WS46).
ODD = """mm/cops/19 mm/cops/26 mm/cops/27 mm/cops/34 mm/cops/41 mm/cops/44 mm/cops/45 mm/cgdcont/209 mm/clcc/328
mm/cgcontrdp/269 mm/cgcontrdp/270 mm/cgcontrdp/271 mm/cgcontrdp/272 mm/cscs/110 mm/ws46/13""".split()

# Which vectors a reader must agree with, by the start of their id and their command.
READERS = [
    ("mm/creg/", None, lambda text: creg(text, "+CREG")),
    ("mm/cgreg/", None, lambda text: creg(text, "+CGREG")),
    ("mm/cereg/", None, lambda text: creg(text, "+CEREG")),
    ("mm/cops/", "+COPS=?", scan),
    ("mm/cops/", "+COPS?", operator),
    ("wwand/csq", None, csq), ("wammu27/csq", None, csq), ("gammu150/csq", None, csq),
    ("3ginfo-lite-32/csq", None, csq),
    ("mm/cesq/", None, cesq),
    ("mm/cgact/", None, cgact),
    ("mm/cgdcont/", "+CGDCONT?", cgdcont),
    ("mm/cgdcont/", "+CGDCONT=?", cgdcont_test),
    ("mm/cpms/", "+CPMS=?", cpms_test),
    ("mm/cpms/", "+CPMS?", cpms),
    ("mm/clcc/", None, clcc),
    ("mm/cclk/", None, cclk),
    ("mm/crsm/", None, crsm),
    ("mm/csim/", None, csim_retries),
    ("mm/cgcontrdp/", None, cgcontrdp),
    ("mm/cfun/", "+CFUN?", cfun),
    ("mm/cnum/", None, cnum),
    ("mm/cscs/", None, cscs),
    ("mm/ctzu/", None, ctzu),
    ("mm/ws46/", None, ws46),
    ("mm/cpin/", None, cpin),
    ("mm/ccwa/", None, ccwa),
    ("mm/cpol/", None, cpol),
    ("wwand/parse_qnwinfo/", None, qnwinfo),
    ("wwand/parse_qeng_servingcell/", None, qeng),
    ("mm/revision/", None, revision),
]


def flat(value, prefix=""):
    """Nested dictionaries under names with dots."""
    found = {}
    for key, inside in value.items():
        name = prefix + key
        found[name] = inside
        if isinstance(inside, dict):
            found.update(flat(inside, name + "."))
    return found


def same(want, got):
    """Lists compare as sets, and a number as text is a number."""
    if isinstance(want, list) and isinstance(got, list):
        return len(want) == len(got) and all(any(same(w, g) for g in got) for w in want)
    if isinstance(want, dict) and isinstance(got, dict):
        return all(key not in got or same(inside, got[key]) for key, inside in want.items())
    return str(want).lower() == str(got).lower()


def agrees(row, reader):
    """None when the reader says what the row expects, or says that it reads nothing where the row has an
    error; else what is wrong. A form that a reader does not know is none of its business: "unread"."""
    expect = flat(row["expect"])
    try:
        got = flat(reader(row["response"]))
    except (ValueError, IndexError, KeyError, AttributeError, TypeError):
        return None if expect.get("error") or expect.get("value", 1) is None else "unread"
    wrong = {key: (expect[key], got[key]) for key in got if key in expect and not same(expect[key], got[key])}
    return wrong or None
