"""The second step of signing in: set up, renewed, turned off."""

from __future__ import annotations

from dataclasses import dataclass

from graph.bind import resolves
from graph.context import Info
from services.factors.setting_up import BegunFactor, FactorState, FreshCodes


@dataclass(slots=True)
class SecondFactorOff:
    """What turning it off gives."""

    success: bool = True


RECORDS = {
    "SecondFactorState": FactorState,
    "BeginSecondFactor": BegunFactor,
    "RecoveryCodes": FreshCodes,
    "SecondFactorOff": SecondFactorOff,
}


@resolves("Query.secondFactor")
async def second_factor(_: None, info: Info) -> FactorState:
    """The viewer's own."""
    return await info.context.house.second_factor_setup.state(info.context.viewer)


@resolves("Mutation.beginSecondFactor")
async def begin_second_factor(_: None, info: Info, password: str | None = None) -> BegunFactor:
    """A secret for an authenticator."""
    return await info.context.house.second_factor_setup.begin(info.context.viewer, password=password)


@resolves("Mutation.confirmSecondFactor")
async def confirm_second_factor(_: None, info: Info, code: str) -> FreshCodes:
    """The recovery codes."""
    return await info.context.house.second_factor_setup.confirm(info.context.viewer, code)


@resolves("Mutation.renewRecoveryCodes")
async def renew_recovery_codes(_: None, info: Info, code: str, password: str | None = None) -> FreshCodes:
    """New recovery codes."""
    renew = info.context.house.second_factor_setup.renew_recovery_codes
    return await renew(info.context.viewer, code=code, password=password)


@resolves("Mutation.turnOffSecondFactor")
async def turn_off_second_factor(_: None, info: Info, code: str, password: str | None = None) -> SecondFactorOff:
    """Off."""
    await info.context.house.second_factor_setup.turn_off(info.context.viewer, code=code, password=password)
    return SecondFactorOff()


@resolves("Mutation.resetSecondFactor")
async def reset_second_factor(_: None, info: Info, user_id: str, reason: str) -> SecondFactorOff:
    """Off, for somebody else."""
    await info.context.house.second_factor_setup.reset(info.context.viewer, user_id, reason=reason)
    return SecondFactorOff()
