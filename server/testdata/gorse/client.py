"""Drives Bowerbird through Gorse's own Python client: PyGorse, from PyPI.

Usage: client.py ENDPOINT KEY. Prints "ok" at the end; any difference raises.
"""
import asyncio
import sys

from gorse import AsyncGorse, Gorse, GorseException

endpoint, key = sys.argv[1], sys.argv[2]
c = Gorse(endpoint, key)
when = "2022-08-07T00:26:46Z"


def same(got, want, what):
    if got != want:
        raise AssertionError(f"{what}: got {got!r}, want {want!r}")


def fails(status, call, what):
    try:
        call()
    except GorseException as e:
        same(e.status_code, status, what)
        return
    raise AssertionError(what + ": no error")


# Users.
same(c.insert_user({"UserId": "py-1", "Labels": ["a", "b"], "Comment": "comment"}), {"RowAffected": 1}, "insert_user")
got = c.get_user("py-1")
same((got["UserId"], got["Labels"], got["Comment"]), ("py-1", ["a", "b"], "comment"), "get_user")
same(c.insert_users([{"UserId": "py-2", "Labels": {"age": 30}}, {"UserId": "py-3"}]), {"RowAffected": 2}, "insert_users")
same(c.get_user("py-2")["Labels"], {"age": 30}, "labels as an object")
fails(404, lambda: c.get_user("py-nobody"), "get_user of nobody")
users, cursor = [], ""
while True:
    page, cursor = c.get_users(2, cursor)
    users += [u["UserId"] for u in page]
    if not cursor:
        break
same(len(users), len(set(users)), "get_users repeats nobody")
assert {"py-1", "py-2", "py-3"} <= set(users), users

# Items.
item = {"ItemId": "py-i1", "IsHidden": False, "Labels": ["x", "y"], "Categories": ["d", "e"], "Timestamp": when, "Comment": "a grey cat"}
same(c.insert_item(item), {"RowAffected": 1}, "insert_item")
got = c.get_item("py-i1")
same({k: got[k] for k in item}, item, "get_item")
same(c.update_item("py-i1", comment="a black cat in a turban", categories=["d"]), {"RowAffected": 1}, "update_item")
got = c.get_item("py-i1")
same((got["Comment"], got["Categories"], got["Labels"]), ("a black cat in a turban", ["d"], ["x", "y"]), "update_item keeps the rest")
for i in range(2, 9):
    c.insert_item({"ItemId": f"py-i{i}", "Categories": ["d"], "Timestamp": when, "Comment": f"cat number {i}"})
items, cursor = [], ""
while True:
    page, cursor = c.get_items(3, cursor)
    items += [i["ItemId"] for i in page]
    if not cursor:
        break
same(len(items), len(set(items)), "get_items repeats nothing")
assert "py-i8" in items
assert "py-i1" in [i["ItemId"] for i in c.search_items("turban", 10)]
same(c.delete_item("py-i8"), {"RowAffected": 1}, "delete_item")
fails(404, lambda: c.get_item("py-i8"), "get_item of a deleted one")

# Feedback. POST accumulates: the same key inserts nothing new.
same(c.insert_feedback("star", "py-1", "py-i1", when), {"RowAffected": 1}, "insert_feedback")
same(c.insert_feedback("star", "py-1", "py-i1", when), {"RowAffected": 1}, "insert_feedback again")
got = c.list_feedbacks("star", "py-1")
same([(f["FeedbackType"], f["UserId"], f["ItemId"], f["Timestamp"]) for f in got], [("star", "py-1", "py-i1", when)], "list_feedbacks")
rows = [{"FeedbackType": "read", "UserId": f"py-u{u}", "ItemId": f"py-i{1 + (u + i) % 7}", "Timestamp": when} for u in range(6) for i in range(3)]
rows += [{"FeedbackType": "like", "UserId": f"py-u{u}", "ItemId": f"py-i{1 + u % 7}", "Timestamp": when} for u in range(6)]
rows += [{"FeedbackType": "like", "UserId": "py-u1", "ItemId": "py-made", "Timestamp": when}]
same(c.insert_feedbacks(rows), {"RowAffected": len(rows)}, "insert_feedbacks")
same(c.get_item("py-made")["ItemId"], "py-made", "feedback makes its item")
same(c.get_user("py-u1")["UserId"], "py-u1", "feedback makes its user")
every, cursor = [], ""
while True:
    page, cursor = c.get_feedbacks(5, cursor)
    every += [(f["FeedbackType"], f["UserId"], f["ItemId"]) for f in page]
    if not cursor:
        break
same(len(every), len(set(every)), "get_feedbacks repeats nothing")
same(len(every), len(rows) + 1, "get_feedbacks lists all")
same(c.delete_feedback("py-1", "py-i1"), {"RowAffected": 1}, "delete_feedback")
same(c.list_feedbacks("star", "py-1"), [], "list_feedbacks after delete")
c.insert_feedback("star", "py-1", "py-i1", when)
same(len(c.list_feedbacks("star", "py-1")), 1, "insert after delete")

# Recommendations.
scores = c.get_recommend("py-1", n=3)
same(len(scores), 3, "get_recommend")
assert all(s.id and isinstance(s.score, float | int) for s in scores)
assert "py-i1" not in [s.id for s in scores], "what was starred is not recommended"
rest = c.get_recommend("py-1", n=2, offset=1)
same([s.id for s in rest], [s.id for s in scores[1:]], "offset")
assert all("d" in c.get_item(s.id)["Categories"] for s in c.get_recommend("py-1", category="d", n=3))
shown = [s.id for s in c.get_recommend("py-3", n=2, write_back_type="read")]
same(sorted(f["ItemId"] for f in c.list_feedbacks("read", "py-3")), sorted(shown), "write_back_type")
assert not set(shown) & {s.id for s in c.get_recommend("py-3", n=2)}, "what was written back comes no more"
near = c.get_neighbors("py-i1", n=3)
assert near and all(set(x) == {"Id", "Score"} for x in near), near
session = c.session_recommend([{"FeedbackType": "like", "UserId": "py-x", "ItemId": "py-i2", "Timestamp": when}], n=3)
assert session and all(set(x) == {"Id", "Score"} for x in session), session
fails(400, lambda: c.insert_feedback("star", "py-1", "py-i1", "yesterday"), "a bad timestamp")
fails(401, lambda: Gorse(endpoint, "wrong").get_user("py-1"), "a wrong key")


async def asynchronous():
    a = AsyncGorse(endpoint, key)
    same((await a.get_user("py-1"))["UserId"], "py-1", "async get_user")
    same(await a.insert_feedback("like", "py-2", "py-i3", when), {"RowAffected": 1}, "async insert_feedback")
    same(len(await a.get_recommend("py-2", n=2)), 2, "async get_recommend")


asyncio.run(asynchronous())

# Deleting a user erases the person.
same(c.delete_user("py-2"), {"RowAffected": 1}, "delete_user")
fails(404, lambda: c.get_user("py-2"), "get_user of somebody deleted")
print("ok")
