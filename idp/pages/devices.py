"""``/account/devices``: the phones on which a person's e-ID app is registered; they are added by the app itself."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from idp.authentication import device_keeping
from idp.authentication.device_keeping import HeldDevices, KeepDevices
from idp.authentication.passkey_keeping import ProveFirst
from idp.domain import paths
from idp.domain.device_key import DeviceKey
from idp.pages.account import moment, own_act_form, render_section
from idp.pages.device import prove
from idp.pages.visit import browser_of, go, page, services_of, signed_in

REMOVE = paths.OWN_DEVICES + "/remove"
TWO_FACTORS = 2
MAX_ID = 64


def routes() -> list[Route]:
    """Every page of this part."""
    return [
        page(paths.OWN_DEVICES, show_devices),
        page(REMOVE, show_remove),
        page(REMOVE, post_remove, "POST"),
    ]


async def show_devices(request: Request) -> Response:
    """Each phone: its name, since when, last used; and where to get the app."""
    if await signed_in(request) is None:
        return await prove(request, paths.OWN_DEVICES, 1)
    held = await _held(request)
    services = services_of(request)
    return render_section(
        request,
        "account_devices.html",
        held.person,
        cards=[_card(each) for each in held.devices],
        remove_path=REMOVE,
        most=services.policy.most_devices,
        app_url=services.settings.eid_app_url,
        done=request.query_params.get("done", "") == "removed",
    )


async def show_remove(request: Request) -> Response:
    """What removing means, and the question."""
    device_id = request.query_params.get("id", "")[:MAX_ID]
    if await signed_in(request) is None:
        return await prove(request, paths.OWN_DEVICES, TWO_FACTORS)
    held = await _held(request)
    device = next((each for each in held.devices if each.device_id == device_id), None)
    if device is None:
        return go(paths.OWN_DEVICES)
    if not held.fresh:
        return await prove(request, f"{REMOVE}?id={device_id}", TWO_FACTORS)
    return render_section(
        request,
        "account_device_remove.html",
        held.person,
        action=REMOVE,
        list_path=paths.OWN_DEVICES,
        card=_card(device),
    )


async def post_remove(request: Request) -> Response:
    """Forget it."""
    form = await own_act_form(request)
    act = KeepDevices(browser_of(request).session, form.text("id")[:MAX_ID])
    outcome = await services_of(request).loop.run(act, act.needs, device_keeping.remove)
    if isinstance(outcome, ProveFirst):
        return await prove(request, f"{REMOVE}?id={act.device_id}", TWO_FACTORS)
    return go(f"{paths.OWN_DEVICES}?done=removed")


async def _held(request: Request) -> HeldDevices:
    act = KeepDevices(browser_of(request).session)
    return await services_of(request).loop.run(act, act.needs, device_keeping.held)


def _card(device: DeviceKey) -> dict[str, object]:
    return {
        "id": device.device_id,
        "name": device.name,
        "since": moment(device.created_at),
        "used": moment(device.last_used_at) if device.last_used_at else None,
    }
