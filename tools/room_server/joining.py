"""Makes the member that joins a room from the query of the request."""

import uuid

from .answers import ONLY_READS, Refusal
from .checks import MessageError, check_name, shorten
from .member import Member
from .readings import check_epoch
from .room import HEARS, ROLES


def member_of(request, place, visit, shared):
    """Return the Member. `place` is the party and the room, `visit` an admission.Visit. Raises
    Refusal.
    """
    query = request.query
    role = query.get("role", "")
    if role not in ROLES:
        raise Refusal(400, f"role {shorten(role)}: give device, dashboard, or nothing")
    hears = query.get("hears", HEARS[0])
    if hears not in HEARS:
        accepted = " or ".join(HEARS)
        raise Refusal(400, f"hears {shorten(hears)}: give {accepted}, or leave it out")
    if visit.only_reads and role == "device":
        raise Refusal(403, ONLY_READS)
    try:
        id = check_name("_pk", query.get("_pk") or str(uuid.uuid4()))
        device = check_name("name", query.get("name", id)) if role == "device" else None
        epoch = _epoch(query, role)
    except MessageError as error:
        raise Refusal(400, str(error)) from None
    reads, link = visit.only_reads, visit.link
    # So it can't replace a member that may write, or that came by another link.
    if link:
        id = f"link {link.id} {id}"
    elif reads:
        id = "reader " + id
    return Member(id, role, device, request.transport, shared, reads, place, epoch, hears, link)


def _epoch(query, role):
    if "epoch" not in query:
        return None
    if role != "device":
        raise MessageError("epoch: only a device has one, join with role=device")
    return check_epoch(query["epoch"])
