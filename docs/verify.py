#!/usr/bin/env python3
"""Checks a daybook.export/1 file. Written from export-format.md alone; needs nothing but Python 3.8."""
import base64
import hashlib
import json
import re
import sys
from collections import defaultdict

NOT_PUBLIC = set(
    """ApiKeyCreated ApiKeyUpdated ApiKeyDeleted WebhookEndpointCreated WebhookEndpointUpdated WebhookSecretRotated
    WebhookEndpointDeleted UserInvited InvitationResent InvitationAccepted UserUpdated SystemAccountOpened
    SubjectErased KycReviewStarted KycExpired PeriodClosed FinanceSettingsChanged BusinessCalendarChanged
    BankStatementImported BankStatementLineResolved CardUpdated""".split()
)
BASE32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LARGEST = 2**53 - 1


class Wrong(Exception):
    """What is wrong; `revision` is None where it is of no event."""

    def __init__(self, revision, what):
        super().__init__(what if revision is None else f"revision {revision}: {what}")
        self.revision = revision


class NotABook(Exception):
    pass


def must(holds, what):
    if not holds:
        raise ValueError(what)


# --- Ed25519 (RFC 8032), verification only ---------------------------------------------------------------------------

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def recover_x(y, sign):
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if y >= P or (x * x - x2) % P or (x == 0 and sign):
        return None
    return P - x if x & 1 != sign else x


def point_add(a, b):
    one = (a[1] - a[0]) * (b[1] - b[0]) % P
    two = (a[1] + a[0]) * (b[1] + b[0]) % P
    three = 2 * a[3] * b[3] * D % P
    four = 2 * a[2] * b[2] % P
    e, f, g, h = two - one, four - three, four + three, two + one
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(n, point):
    total = (0, 1, 1, 0)
    while n:
        if n & 1:
            total = point_add(total, point)
        point = point_add(point, point)
        n >>= 1
    return total


def decompress(raw):
    y = int.from_bytes(raw, "little")
    x = recover_x(y & (2**255 - 1), y >> 255)
    y &= 2**255 - 1
    return None if x is None else (x, y, 1, x * y % P)


BASE = decompress((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def is_signed(key, text, signature):
    a, r, s = decompress(key), decompress(signature[:32]), int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= L:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + text).digest(), "little") % L
    left, right = times(s, BASE), point_add(r, times(h, a))
    return not ((left[0] * right[2] - right[0] * left[2]) % P or (left[1] * right[2] - right[1] * left[2]) % P)


def open_note(note, verifier):
    """Origin, size and root of a checkpoint; None where that key did not sign it."""
    name, key_id, key = verifier.split("+", 2)
    raw = base64.b64decode(key)
    if raw[:1] != b"\x01" or hashlib.sha256(name.encode() + b"\n" + raw).hexdigest()[:8] != key_id:
        return None
    text, _, signatures = note.partition("\n\n")
    text += "\n"
    for line in signatures.splitlines():
        _, signer, encoded = line.split(" ")
        signature = base64.b64decode(encoded)
        if signer == name and signature[:4].hex() == key_id and len(signature) == 68:
            if is_signed(raw[1:], text.encode(), signature[4:]):
                origin, size, root = text.split("\n")[:3]
                return origin, int(size), base64.b64decode(root)
    return None


# --- The tree ---------------------------------------------------------------------------------------------------------


def sha256(data):
    return hashlib.sha256(data).digest()


class Tree:
    def __init__(self):
        self.size, self.peaks = 0, []

    def push(self, event_hash):
        node, full = sha256(b"\x00" + event_hash), self.size
        while full & 1:
            node, full = sha256(b"\x01" + self.peaks.pop() + node), full >> 1
        self.peaks.append(node)
        self.size += 1

    def root(self):
        root = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            root = sha256(b"\x01" + peak + root)
        return root


# --- Numbers ----------------------------------------------------------------------------------------------------------


def half_even(dividend, divisor):
    floor, rest = divmod(dividend, divisor)
    return floor + (2 * rest > divisor or (2 * rest == divisor and floor % 2))


def decimal(text):
    whole, _, fraction = text.partition(".")
    return int(whole + fraction), 10 ** len(fraction)


def apportion(amounts, part, whole):
    """Webster's method: the shares of part/whole that add up to the rounded share of the sum."""
    units = [(2 * a * part + whole) // (2 * whole) for a in amounts]
    missing = half_even(sum(amounts) * part, whole) - sum(units)
    while missing > 0:
        i = min(range(len(amounts)), key=lambda n: Key(2 * units[n] + 1, amounts[n], n))
        units[i], missing = units[i] + 1, missing - 1
    while missing < 0:
        i = max(range(len(amounts)), key=lambda n: Key(2 * units[n] - 1, amounts[n], n))
        units[i], missing = units[i] - 1, missing + 1
    return units


class Key:
    """A fraction, and a place where fractions are equal."""

    def __init__(self, above, below, place):
        self.above, self.below, self.place = above, below, place

    def __lt__(self, other):
        a, b = self.above * other.below, other.above * self.below
        return a < b or (a == b and self.place < other.place)


def canonical(value):
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def no_fraction(text):
    raise ValueError(f"{text} is no integer")


def members(pairs):
    must(len({k for k, _ in pairs}) == len(pairs), "an object has a member twice")
    return dict(pairs)


def time_of(ulid):
    ms = 0
    for digit in ulid[:10]:
        ms = ms * 32 + BASE32.index(digit)
    return ms


def instant(text):
    found = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)\.(\d{3})Z", text)
    must(found, f"{text} is no time in UTC with milliseconds")
    y, m, d, hour, minute, second, ms = map(int, found.groups())
    y -= m <= 2
    era, yoe = y // 400, y % 400
    day = era * 146097 + yoe * 365 + yoe // 4 - yoe // 100 + (153 * (m - 3 if m > 2 else m + 9) + 2) // 5 + d - 1 - 719468
    return (((day * 24 + hour) * 60 + minute) * 60 + second) * 1000 + ms


# --- The book ---------------------------------------------------------------------------------------------------------

COUNTED = {"customer", "business", "merchant", "agent"}
CHARGED = {"transfer", "deposit", "withdrawal", "exchange", "card_capture", "card_credit"}
MESSAGES = {
    "authorization": "authorization", "decline": "authorization", "increment": "increment",
    "increment_declined": "increment", "advice": "advice", "reversal": "reversal", "refund": "refund",
    "capture": "clearing", "credit": "clearing",
}  # fmt: skip
SUMS = "authorized incremented reversed expired released captured over_captured refunded held receivable".split()


class Book:
    def __init__(self, tenant):
        self.tenant = tenant
        self.revision, self.id, self.at, self.sequence = -1, "", "", 0
        self.accounts, self.codes, self.tiers, self.receivables = {}, set(), {}, {}
        self.fees, self.limits, self.closed, self.today = [], [], None, ""
        self.months = set()
        self.uses = {}
        self.open, self.purchases, self.originals, self.reversed = {}, {}, {}, {}
        self.once, self.command, self.settlements = set(), None, {}

    def take(self, e):
        self.follows(e)
        data = e["data"]
        must((e["type"] == "TenantCreated") == (e["revision"] == 0), "a book begins with TenantCreated, and only so")
        must("tenant" not in data or data["tenant"]["tenant_id"] == self.tenant, "it is about another tenant")
        self.outcome(e)
        before = self.entries(data.get("entries") or [])
        for hold in data.get("holds") or []:
            account = self.account(hold["account_id"])
            account["held"] += hold["amount"]
            must(account["held"] == hold["held_after"] >= 0, f"held_after of {hold['account_id']} is {hold['held_after']}")
        self.settings(e)
        if "account" in data:
            self.account_facts(e)
        if data.get("transaction"):
            self.transaction(e, data["transaction"])
        uses = self.reservation(e) if "reservation" in data else None
        purchase = data.get("card_transaction") or data.get("purchase")
        if purchase:
            uses = self.purchase(e, purchase)
        self.settlement(e)
        if e["type"] == "TransactionReversed":
            uses = self.reversal(e)
        elif e["type"] == "TransactionPosted":
            uses = self.posted_uses(data)
            self.first("reference", data["transaction"]["reference"])
        elif e["type"] == "FundsReserved":
            self.first("reference", data["reservation"]["reference"])
        if "local_date" in data:
            self.count(e, uses or [])
        if e["type"] in ("TransactionPosted", "ReservationCaptured"):
            self.bounds(before)
        if data.get("transaction") and data.get("entries"):
            self.originals[e["revision"]] = e

    def account(self, name):
        must(name in self.accounts, f"it names the account {name}, which was never opened")
        return self.accounts[name]

    def first(self, kind, text):
        if text is not None:
            must((kind, text) not in self.once, f"its {kind} {text} comes a second time")
            self.once.add((kind, text))

    def follows(self, e):
        must(sorted(e) == ["at", "data", "id", "meta", "revision", "type", "v"] and e["v"] == 1, "it is no envelope of version 1")
        must(e["revision"] == self.revision + 1, f"the file goes on with revision {e['revision']}")
        must(re.fullmatch(r"[0-7][0-9A-HJKMNP-TV-Z]{25}", e["id"]) and e["id"] > self.id, "its id is not greater than the one before")
        must(instant(e["at"]) == time_of(e["id"]) and e["at"] >= self.at, "its time is not that of its id, or before the last")
        must(e["meta"]["tenant_id"] == self.tenant, "it is of another tenant")
        public = e["type"] not in NOT_PUBLIC
        self.sequence += public
        must(e["meta"]["sequence"] == (self.sequence if public else None), f"its sequence is {e['meta']['sequence']}")
        self.revision, self.id, self.at = e["revision"], e["id"], e["at"]

    def outcome(self, e):
        meta, said = e["meta"], e["meta"]["idempotency"]
        who = (meta["actor"], meta["request_id"])
        if self.command and self.command["left"]:
            self.command["left"] -= 1
            must(said is None and who == self.command["who"], f"it is none of the events of revision {self.command['revision']}")
        elif said is not None:
            must(all(re.fullmatch("[0-9a-f]{64}", said[k]) for k in ("key", "request")) and said["operation"], "its outcome is malformed")
            part = said["part"]
            must(said["events"] > 0 and (part is None or 0 <= part["i"] < part["n"]), "its outcome is malformed")
            self.first("idempotency key", (said["key"], None if part is None else part["i"]))
            self.command = {"left": said["events"] - 1, "who": who, "revision": e["revision"]}

    def entries(self, entries):
        sums, before = defaultdict(int), {}
        for n, entry in enumerate(entries):
            name, amount = entry["account_id"], entry["amount"]
            account = self.account(name)
            before.setdefault(name, account["balance"])
            must(amount > 0 and entry["currency"] == account["currency"], f"its entry {n} has another currency or no amount")
            must(entry["direction"] in ("debit", "credit"), f"its entry {n} has no direction")
            account["balance"] += amount if entry["direction"] == account["side"] else -amount
            must(account["balance"] == entry["balance_after"], f"balance_after of {name} is {entry['balance_after']}, it has {account['balance']}")
            sums[entry["currency"]] += amount if entry["direction"] == "debit" else -amount
        must(not any(sums.values()), "its debits and credits differ")
        for name, had in before.items():
            account = self.accounts[name]
            fine = account["negative"] or account["balance"] >= had or account["balance"] + account["overdraft"] >= 0
            must(fine, f"{name} is left with {account['balance']}")
        return before

    def settings(self, e):
        data, kind = e["data"], e["type"]
        if kind == "FeeRulesReplaced":
            self.fees = data["rules"]
        elif kind == "LimitsReplaced":
            self.limits = data["limits"]
        elif kind == "PeriodClosed":
            further = self.closed is None or data["through"] > self.closed
            must(data["previous"] == self.closed and (further or "month" in data and data["through"] == self.closed), "it closes what is closed")
            if "month" in data:
                must(data["month"]["month"] not in self.months, "it closes a month a second time")
                must(data["month"]["from"] < data["month"]["through"] <= data["through"], "it closes a month beyond what is closed")
                self.months.add(data["month"]["month"])
            self.closed = data["through"]
        elif kind in ("CustomerCreated", "CustomerUpdated"):
            self.tiers[data["customer"]["customer_id"]] = data["customer"]["kyc_tier"]

    def account_facts(self, e):
        facts = e["data"]["account"]
        name, code = facts["account_id"], facts["account_code"]
        terms = {k: facts[k] for k in ("account_code", "wallet_type", "currency", "normal_side", "allow_negative", "customer_id")}
        if e["type"] in ("AccountOpened", "SystemAccountOpened"):
            key = (code, facts["currency"]) if e["type"] == "SystemAccountOpened" else code
            must(name not in self.accounts and key not in self.codes, f"{name} or its code comes a second time")
            self.codes.add(key)
            self.accounts[name] = {"balance": 0, "held": 0}
            if code.startswith("receivable:") and facts["wallet_type"] == "system":
                self.receivables[code[11:]] = name
        else:
            must(self.account(name)["terms"] == terms, f"{name} became another account")
        account = self.accounts[name]
        account.update(
            terms=terms, code=code, wallet=facts["wallet_type"], currency=facts["currency"], side=facts["normal_side"],
            negative=facts["allow_negative"], overdraft=facts["overdraft_limit"], customer=facts["customer_id"], tier=facts["kyc_tier"],
        )  # fmt: skip
        owed = self.accounts[self.receivables[name]]["balance"] if name in self.receivables else 0
        must((facts["balance"], facts["held"], facts["receivable"]) == (account["balance"], account["held"], owed), f"the sums of {name} are others")

    def change(self, entries, which):
        """Credits less debits on the system accounts whose code says so."""
        total = 0
        for entry in entries:
            account = self.account(entry["account_id"])
            if account["wallet"] == "system" and which(account["code"]):
                total += entry["amount"] if entry["direction"] == "credit" else -entry["amount"]
        return total

    def transaction(self, e, t):
        must(t["transaction_id"] == "ltx_" + e["id"], "its transaction is not called by its event's id")
        entries = e["data"].get("entries")
        if entries is None:
            must(t["status"] == "failed" and t["failure_code"] and not t["fees"], "it moved nothing and is not called failed")
            return
        must(entries and t["status"] == "completed" and t["failure_code"] is None and t["reversed_amount"] == 0, "it is not called completed")
        must(t["effective_at"] <= e["at"] and (self.closed is None or t["effective_at"] > self.closed), "it takes effect when it can't")
        kind, amount = t["type"], t["amount"]
        if kind in ("transfer", "deposit", "withdrawal", "reservation_capture", "exchange"):
            source, target = self.account(t["source"]), self.account(t["destination"])
            sides = ("credit", "debit") if source["side"] == target["side"] == "debit" else ("debit", "credit")
            legs = [(x["account_id"], x["direction"], x["amount"]) for x in entries]
            arriving = legs[1]
            if kind == "exchange":
                rate, scale = decimal(t["rate"])
                must(half_even(amount * rate, scale) == t["destination_amount"], "its amounts are not those of its rate")
                arriving = next((leg for leg in legs[1:] if leg[0] == t["destination"]), None)
            must(legs[0] == (t["source"], sides[0], amount), "its first entry is not what leaves its source")
            due = t["destination_amount"] if kind == "exchange" else amount
            must(arriving == (t["destination"], sides[1], due), "no entry is what arrives at its destination")
        elif kind == "journal":
            own = [x for x in entries if x["currency"] == t["currency"]]
            debits = sum(x["amount"] for x in own if x["direction"] == "debit")
            repaid = self.change([x for x in own if x["direction"] == "credit"], lambda code: code.startswith("receivable:"))
            must(amount == debits - repaid, f"its amount is {amount}, its debits come to {debits - repaid}")
        elif kind in ("card_capture", "card_credit", "card_refund"):
            owed = self.change(entries, lambda code: code == "network_payable")
            must(owed == (amount if kind == "card_capture" else -amount), f"it clears {amount}, its entries {owed}")
        charged = sum(fee["amount"] for fee in t["fees"])
        income = self.change(entries, lambda code: code.startswith("fees:"))
        must(income == (-charged if kind == "reversal" else charged), f"its fees are {charged}, its entries post {income}")
        if kind != "reversal":
            self.fee(t, e["at"])

    def fee(self, t, at):
        found = None
        for rule in self.fees if t["type"] in CHARGED and t["channel"] is not None else []:
            low, high = rule["min_amount"] or 0, LARGEST if rule["max_amount"] is None else rule["max_amount"]
            fits = rule["channel"] == t["channel"] and rule["currency"] == t["currency"] and low <= t["amount"] <= high
            if fits and rule["effective_from"] <= at and (found is None or rule["effective_from"] > found["effective_from"]):
                found = rule
        expected = []
        if found:
            rate, scale = decimal(found["percentage_rate"])
            due = half_even(found["flat_amount"] * scale + t["amount"] * rate, scale)
            due = max(due, found["fee_floor"] or 0)
            due = due if found["fee_cap"] is None else min(due, found["fee_cap"])
            expected = [(found["rule_id"], due, found["who_pays"], found["who_gets_paid"])] if due else []
        stated = [(f["rule_id"], f["amount"], f["payer"], f["payee"]) for f in t["fees"]]
        must(stated == expected, f"its fees are {stated}, due is {expected}")

    # Limits: a use is (account, direction, amount, day).

    def use(self, name, direction, amount, day):
        return [(name, direction, amount, day)] if amount and self.account(name)["wallet"] in COUNTED else []

    def posted_uses(self, data):
        t = data["transaction"]
        if t["type"] == "journal":
            return []
        customer = self.account(t["source"])["customer"]
        if customer is not None and customer == self.account(t["destination"])["customer"]:
            return []
        arriving = t["amount"] if t["destination_amount"] is None else t["destination_amount"]
        return self.use(t["source"], "outbound", t["amount"], data["local_date"]) + self.use(t["destination"], "inbound", arriving, data["local_date"])

    def tier(self, account):
        return account["tier"] if account["customer"] is None else self.tiers[account["customer"]]

    def count(self, e, uses):
        data, today = e["data"], e["data"]["local_date"]
        must(today >= self.today, "its local date goes back")
        self.today = today
        stated = [(u["account_id"], u["direction"], u["amount"], u["counted_on"]) for u in data.get("limit_uses") or []]
        must(stated == uses, f"it counts {stated} towards limits, due is {uses}")
        judged = e["type"] in ("TransactionPosted", "FundsReserved", "ReservationCaptured")
        last = (data.get("card_transaction") or {"elements": [{"type": None}]})["elements"][-1]["type"]
        for name, direction, amount, _ in uses:
            asked = data["card_transaction"]["requested_amount"] if last == "authorization" else amount
            account = self.accounts[name]
            if amount <= 0 or not (judged or last in ("authorization", "increment")):
                continue
            for rule in self.limits:
                if (rule["kyc_level"], rule["direction"], rule["currency"]) == (self.tier(account), direction, account["currency"]):
                    day, month = self.used(account, name, direction, today)
                    used = month if rule["window"] == "monthly" else day
                    must(used + asked <= rule["amount"], f"{name} uses {asked} on top of {used}, {rule['limit_id']} is {rule['amount']}")
        for name, direction, amount, on in uses:
            account = self.accounts[name]
            day, month = self.used(account, name, direction, today)
            day += amount if on == today else 0
            month += amount if on[:7] == today[:7] else 0
            must(day >= 0 and month >= 0, "it gives back more of a limit than was used")
            self.uses[self.counter(account, name, direction)] = (today, day, month)

    def counter(self, account, name, direction):
        return (name if account["customer"] is None else (account["customer"], account["currency"]), direction)

    def used(self, account, name, direction, today):
        on, day, month = self.uses.get(self.counter(account, name, direction), ("", 0, 0))
        return day if on == today else 0, month if on[:7] == today[:7] else 0

    def bounds(self, before):
        for name, had in before.items():
            account = self.accounts[name]
            if account["balance"] > had and account["wallet"] in COUNTED:
                for rule in self.limits:
                    if rule["max_balance"] is not None and (rule["kyc_level"], rule["currency"]) == (self.tier(account), account["currency"]):
                        must(account["balance"] <= rule["max_balance"], f"{name} has {account['balance']}, more than {rule['limit_id']} allows")
                        break

    def reservation(self, e):
        data, kind = e["data"], e["type"]
        after, name = data["reservation"], data["reservation"]["reservation_id"]
        hold, sums = data["holds"], dict(after["amounts"])
        must(len(hold) == 1 and hold[0]["account_id"] == after["account_id"], f"it does not change what is held for {name}")
        must(sum(sums.values()) == after["amount"] and min(sums.values()) >= 0, f"the sums of {name} do not come to its amount")
        must((after["status"] in ("active", "partially_captured")) == (sums["held"] > 0), f"{name} is not {after['status']}")
        h = hold[0]["amount"]
        if kind == "FundsReserved":
            must(name == "rsv_" + e["id"] and h == sums["held"] == after["amount"] and after["counted_on"] == data["local_date"], f"{name} begins otherwise")
            uses = self.use(after["account_id"], "outbound", after["amount"], data["local_date"])
        else:
            must(name in self.open, f"{name} holds nothing any more")
            before = dict(self.open[name], amounts=dict(self.open[name]["amounts"]))
            before["amounts"]["held"] += h
            if kind == "ReservationCaptured":
                t = data["transaction"]
                before["amounts"]["captured"] += t["amount"]
                before["amounts"]["released"] += -h - t["amount"]
                before["transaction_id"] = t["transaction_id"]
                before["status"] = "partially_captured" if before["amounts"]["held"] else "captured"
                uses = self.use(t["destination"], "inbound", t["amount"], data["local_date"])
                uses += self.use(after["account_id"], "outbound", h + t["amount"], after["counted_on"])
            else:
                before["status"] = "released" if kind == "ReservationReleased" else "expired"
                before["amounts"][before["status"]] -= h
                uses = self.use(after["account_id"], "outbound", h, after["counted_on"])
            must(before == after, f"{name} is not what this event makes of it")
        self.open.pop(name, None)
        if sums["held"]:
            self.open[name] = after
        return uses

    def purchase(self, e, facts):
        data, name, last = e["data"], facts["card_transaction_id"], facts["elements"][-1]
        kind, amount, after = last["type"], last["amount"], facts["amounts"]
        must(all(x["account_id"] == facts["account_id"] for x in data.get("holds") or []), "it holds on another account")
        h = sum(x["amount"] for x in data.get("holds") or [])
        was = {s: after[s] for s in SUMS}
        was["held"] -= h
        expected = {"authorization": amount, "increment": amount, "reversal": -amount, "expiry": -amount, "advice": h, "capture": h}.get(kind, 0)
        must(h == expected, f"its {kind} of {amount} changes what is held by {h}")
        backed = min(amount, was["held"]) if kind == "capture" else 0
        names = {"authorization": "authorized", "increment": "incremented", "reversal": "reversed", "expiry": "expired", "refund": "refunded"}
        if kind in names:
            was[names[kind]] -= amount
        elif kind == "refund_reversal":
            was["refunded"] += amount
        elif kind == "advice":
            must(after["held"] == amount, "its advice sets another hold")
            was["incremented" if h > 0 else "reversed"] -= abs(h)
        elif kind == "capture":
            was["captured"] -= amount
            was["over_captured"] -= amount - backed
            was["released"] -= -h - backed
            debits = [x for x in data["entries"] if x["direction"] == "debit"]
            was["receivable"] += self.change(debits, lambda code: code.startswith("receivable:"))
        elif kind == "credit":
            was["captured"] -= amount
            was["over_captured"] -= amount
        left = after["authorized"] + after["incremented"] - after["reversed"] - after["expired"] - after["released"]
        must(min(after.values()) >= 0 and after["held"] == left - (after["captured"] - after["over_captured"]), f"the sums of {name} do not agree")
        must(facts["status"] == status(facts["direction"], after), f"{name} is not {facts['status']}")
        posted = (data.get("transaction") or {"transaction_id": None})["transaction_id"]
        must(last["at"] == e["at"] and last["transaction_id"] == posted, "its element is of another time or transaction")
        if kind in MESSAGES:
            self.first("network's message", last["network_reference"] and (MESSAGES[kind], last["network_reference"]))
        counted, uses = self.counting(facts, kind, amount, backed, h, data["local_date"])
        stays = {k: v for k, v in facts.items() if k != "counted"}
        if name == "txn_" + e["id"]:
            must(len(facts["elements"]) == 1 and not any(was.values()) and name not in self.purchases, f"{name} begins otherwise")
        else:
            previous = dict(data.get("previous") or {})
            pushed = [previous.pop("pushed_out")] if "pushed_out" in previous else []
            must(previous.get("amounts", was) == was, "it says that the sums before were others")
            elements = facts["elements"][:1] + pushed + facts["elements"][1:-1]
            before = {**stays, **previous, "amounts": was, "elements": elements, "status": status(facts["direction"], was)}
            must(self.purchases.get(name) == digest(before), f"{name} was not before it as it says")
        self.purchases[name] = digest(stays)
        must(counted == facts.get("counted", []), f"of what {name} holds, {counted} is counted")
        self.open.pop(name, None)
        if after["held"]:
            self.open[name] = facts
        return uses

    def counting(self, facts, kind, amount, backed, h, today):
        name, rows = facts["account_id"], [dict(row) for row in self.open.get(facts["card_transaction_id"], {}).get("counted", [])]
        uses = []
        if kind == "capture":
            take(rows, backed, 0)
        elif h > 0 and self.account(name)["wallet"] in COUNTED:
            if rows and rows[-1]["counted_on"] == today:
                rows[-1]["amount"] += h
            else:
                rows.append({"amount": h, "counted_on": today})
            uses = self.use(name, "outbound", h, today)
        for day, part in take(rows, -h - backed, -1):
            uses += self.use(name, "outbound", -part, day)
        if kind == "capture":
            uses += self.use(name, "outbound", amount - backed, today)
        return rows, uses

    def reversal(self, e):
        data = e["data"]
        t, original = data["transaction"], data["original"]
        found = self.originals.get(data["original_revision"])
        must(found and found["id"] == data["original_event_id"], "it reverses an event that is not where it says")
        same = {"status": None, "reversed_amount": None}
        must({**found["data"]["transaction"], **same} == {**original, **same}, "it tells another original than its own event")
        must(found["data"]["entries"] == data["original_entries"], "it tells other entries than the original's own event")
        uses = found["data"].get("limit_uses") or []
        if found["type"] == "ReservationCaptured":
            reservation = found["data"]["reservation"]
            own = {"account_id": reservation["account_id"], "direction": "outbound", "amount": original["amount"], "counted_on": reservation["counted_on"]}
            uses = [own] + [u for u in uses if u["direction"] == "inbound"]
        must(uses == data.get("original_limit_uses", []), "it tells another use of limits than the original's own event")
        whole, after = original["amount"], original["reversed_amount"]
        before = after - t["amount"]
        must(before == self.reversed.get(original["transaction_id"], 0) and before < after <= whole, "it takes back what is not there")
        self.reversed[original["transaction_id"]] = after
        must(original["status"] == ("reversed" if after == whole else "partially_reversed"), "its original is called otherwise")
        must(t["reversal_of"] == original["transaction_id"], "it reverses another transaction")

        def share(amount):
            return half_even(amount * after, whole) - half_even(amount * before, whole)

        entries = data["original_entries"]
        shares = [share(x["amount"]) for x in entries]
        if original["type"] == "journal":
            for side in {(x["direction"], x["currency"]) for x in entries}:
                places = [i for i, x in enumerate(entries) if (x["direction"], x["currency"]) == side]
                amounts = [entries[i]["amount"] for i in places]
                for i, n, m in zip(places, apportion(amounts, after, whole), apportion(amounts, before, whole)):
                    shares[i] = n - m
        other = {"debit": "credit", "credit": "debit"}
        mirror = [(x["account_id"], other[x["direction"]], n) for x, n in zip(entries, shares) if n]
        must([(x["account_id"], x["direction"], x["amount"]) for x in data["entries"]][: len(mirror)] == mirror, "its entries are no mirror")
        fees = [(f["rule_id"], share(f["amount"])) for f in original["fees"] if share(f["amount"])]
        must([(f["rule_id"], f["amount"]) for f in t["fees"]] == fees, "it gives back other fees")
        return [one for u in uses for one in self.use(u["account_id"], u["direction"], -share(u["amount"]), u["counted_on"])]

    def settlement(self, e):
        data, line, facts = e["data"], e["data"].get("settlement_line"), e["data"].get("settlement")
        if e["type"] == "SettlementOpened":
            must(facts["settlement_id"] not in self.settlements, "its settlement is opened a second time")
            self.settlements[facts["settlement_id"]] = defaultdict(int)
        if line:
            own = [x for x in data.get("entries") or [] if x["currency"] == line["currency"]]
            owed = self.change(own, lambda code: code == "network_payable")
            must(owed == line["amount"], f"its line is of {line['amount']}, its entries of {owed}")
            sums, kind = self.settlements[line["settlement_id"]], line["type"]
            sums["line_count"] += 1
            sums["late_count"] += "late_for" in line
            sums["net"] += line["amount"]
            part = {"card_transaction": "gross", "refund": "refunds", "fee": "fees", "adjustment": "adjustments"}[kind]
            sums[part] += -line["amount"] if kind == "refund" else line["amount"]
        if facts:
            must(facts["settlement_id"] in self.settlements, "its settlement was completed, or never opened")
            sums = self.settlements[facts["settlement_id"]]
            for name in "gross refunds fees adjustments net line_count late_count".split():
                must(facts[name] == sums[name], f"{name} of its settlement is {facts[name]}, its lines come to {sums[name]}")
            must(facts["paid_amount"] is None or facts["difference"] == facts["paid_amount"] - abs(facts["net"]), "its difference is another")
        if e["type"] == "SettlementCompleted":
            del self.settlements[facts["settlement_id"]]

    def end(self):
        if self.command and self.command["left"]:
            raise Wrong(self.command["revision"], "its command made more events than the book has")
        held = defaultdict(int)
        for facts in self.open.values():
            held[facts["account_id"]] += facts["amounts"]["held"]
        for name, account in self.accounts.items():
            if held[name] != account["held"]:
                raise Wrong(self.revision, f"{name} holds {account['held']}, its open holds come to {held[name]}")


def digest(facts):
    return sha256(canonical(facts).encode())


def take(rows, amount, end):
    taken = []
    while amount > 0 and rows:
        part = min(amount, rows[end]["amount"])
        taken.append((rows[end]["counted_on"], part))
        rows[end]["amount"] -= part
        amount -= part
        if not rows[end]["amount"]:
            rows.pop(end)
    return taken


def status(direction, sums):
    if sums["refunded"]:
        return "refunded" if sums["refunded"] >= sums["captured"] else "partially_refunded"
    if sums["captured"]:
        return "partially_captured" if sums["held"] else "captured"
    if sums["held"]:
        return "authorized"
    if sums["expired"]:
        return "expired"
    return "declined" if not sums["authorized"] and direction == "debit" else "reversed"


# --- The file ---------------------------------------------------------------------------------------------------------

TAIL = re.compile(rb',"hash":"([0-9a-f]{64})"\}$')


def read_event(raw, book, previous):
    found = TAIL.search(raw)
    must(found, "its line is no event, or cut off")
    envelope = raw[: found.start()] + b"}"
    text = envelope.decode("utf-8")
    event = json.loads(text, object_pairs_hook=members, parse_float=no_fraction)
    must(event.get("revision") == book.revision + 1, f"the file goes on with revision {event.get('revision')}")
    due = sha256(previous + envelope)
    must(due.hex() == found.group(1).decode(), "its hash does not follow from the one before")
    must(canonical(event) == text, "it is not written canonically (RFC 8785)")
    book.take(event)
    return due


def read_header(raw):
    try:
        header = json.loads(raw)
        assert header["format"] == "daybook.export/1" and header["from_revision"] == 0
    except (ValueError, KeyError, TypeError, AssertionError):
        raise NotABook("This is no export of a whole ledger (daybook.export/1).") from None
    tenant = header["tenant_id"]
    if header["stream"] != f"ledger-{tenant}-0" or header["previous_hash"] != "0" * 64:
        raise Wrong(None, "the header names another stream than its tenant's, or a hash before the first")
    return header


def read_footer(raw):
    try:
        footer = json.loads(raw)
        checkpoint = footer["checkpoint"]
        return footer["count"], footer["head_hash"], checkpoint["note"], checkpoint["public_key"]
    except (ValueError, KeyError, TypeError):
        return None


def verify(file):
    header = read_header(file.readline())
    origin = f"daybook/{header['stream']}"
    book, tree, previous, footer = Book(header["tenant_id"]), Tree(), bytes(32), None
    for raw in file:
        if footer:
            raise Wrong(None, "there is more after the last line")
        if not TAIL.search(raw.rstrip(b"\n")):
            footer = read_footer(raw)
            if footer:
                continue
        try:
            previous = read_event(raw.rstrip(b"\n"), book, previous)
        except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
            raise Wrong(tree.size, str(error)) from error
        tree.push(previous)
    if not footer:
        raise Wrong(tree.size, "the file breaks off before it: it has no last line")
    count, head, note, key = footer
    if header["to_revision"] != book.revision or count != tree.size:
        raise Wrong(tree.size, f"header and last line speak of {header['to_revision'] + 1} and {count} events")
    if head != previous.hex():
        raise Wrong(book.revision, "it is not the head that the last line names")
    try:
        opened = open_note(note, key)
    except ValueError:
        opened = None
    if opened is None:
        raise Wrong(None, f"the checkpoint is not signed by {key}")
    if opened != (origin, tree.size, tree.root()):
        raise Wrong(book.revision, "the checkpoint is of another book than the one up to it")
    book.end()
    return f"{header['tenant_id']} is true up to revision {book.revision}; head {head}; signed by {key}"


def main():
    if len(sys.argv) != 2:
        print("usage: verify.py book.ndjson", file=sys.stderr)
        return 2
    try:
        with open(sys.argv[1], "rb") as file:
            print(verify(file))
        return 0
    except Wrong as wrong:
        print(wrong, file=sys.stderr)
        return 1
    except (NotABook, OSError) as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
