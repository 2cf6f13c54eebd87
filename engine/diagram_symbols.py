"""Signs inside shapes: task markers, event icons, gateway marks and state badges, as path data.

Own drawings on a small square each, after the shapes of BPMN 2.0.2, chapters 7 and 13. A sign is a list of
(path data, filled); a stroke is always drawn.
"""

Sign = tuple[tuple[str, bool], ...]

TASK_SIGNS: dict[str, Sign] = {  # 18 × 18
    "userTask": (("M9 8.6a3.6 3.6 0 1 0 0-7.2a3.6 3.6 0 0 0 0 7.2z", False),
                 ("M1.5 17v-2.2c0-3 2.5-5 5-5.3l2.5 1.8l2.5-1.8c2.5 .3 5 2.3 5 5.3V17z", False)),
    "serviceTask": ((("M9 1.5v2.5M9 14v2.5M1.5 9h2.5M14 9h2.5M3.7 3.7l1.8 1.8M12.5 12.5l1.8 1.8"
                      "M3.7 14.3l1.8-1.8M12.5 5.5l1.8-1.8"), False),
                    ("M9 14a5 5 0 1 0 0-10a5 5 0 0 0 0 10zM9 11a2 2 0 1 0 0-4a2 2 0 0 0 0 4z", False)),
    "businessRuleTask": (("M1 3h16v12h-16z M1 11h16 M6 7v8", False), ("M1 3h16v4h-16z", True)),
    "receiveTask": (("M1 3.5h16v11h-16z M1 3.5l8 6.5l8-6.5", False),),
    "sendTask": (("M1 3.5h16v11h-16z", True),),
    "scriptTask": (("M5 2h11c-4 4 2 8-2 14h-11c4-6-2-10 2-14z M5.5 6h6.5 M5.5 9h7 M6 12h6.5", False),),
    "manualTask": (("M1 8l5-5h4l-1.5 2.5h7.5v2h-7v1.5h7.5v2h-7.5v1.5h6.5v2h-6.5v1.5h-6l-2-2z", False),),
}  # fmt: skip

EVENT_SIGNS: dict[str, Sign] = {  # 20 × 20, centre 10,10
    "message": (("M2.5 5h15v10h-15z M2.5 5l7.5 6l7.5-6", False),),
    "timer": (("M10 18.5a8.5 8.5 0 1 0 0-17a8.5 8.5 0 0 0 0 17z", False),
              ("M10 4.5v5.5l3.8 2.2 M10 1.5v1.5 M10 17v1.5 M1.5 10h1.5 M17 10h1.5", False)),
    "signal": (("M10 3l8 13h-16z", False),),
    "error": (("M3 16l3.5-11l5 6l4.5-8l-3 12l-5.5-6z", False),),
    "escalation": (("M10 2l6 15l-6-5.5l-6 5.5z", False),),
    "conditional": (("M4 2.5h12v15h-12z M6 6h8 M6 9h8 M6 12h8 M6 15h8", False),),
    "terminate": (("M10 17a7 7 0 1 0 0-14a7 7 0 0 0 0 14z", True),),
    "cancel": (("M4 6l2-2l4 4l4-4l2 2l-4 4l4 4l-2 2l-4-4l-4 4l-2-2l4-4z", False),),
    "multiple": (("M10 2.5l7.5 5.5l-3 9h-9l-3-9z", False),),
    "link": (("M3 8h8v-4l6 6l-6 6v-4h-8z", False),),
}  # fmt: skip

GATEWAY_SIGNS: dict[str, Sign] = {  # 50 × 50, the whole gateway
    "exclusiveGateway": ((("M17.5 16h4l3.5 5.8l3.5-5.8h4l-5.5 9l5.5 9h-4l-3.5-5.8l-3.5 5.8h-4"
                           "l5.5-9z"), True),),
    "parallelGateway": (("M23 13h4v10h10v4h-10v10h-4v-10h-10v-4h10z", True),),
    "inclusiveGateway": (("M25 36.5a11.5 11.5 0 1 0 0-23a11.5 11.5 0 0 0 0 23z", False),),
    "complexGateway": (("M25 12v26 M12 25h26 M16 16l18 18 M34 16l-18 18", False),),
    "eventBasedGateway": ((("M25 38a13 13 0 1 0 0-26a13 13 0 0 0 0 26z M25 35.5a10.5 10.5 0 1 0 0-21"
                            "a10.5 10.5 0 0 0 0 21z"), False), ("M25 18.5l6.5 4.7l-2.5 7.6h-8l-2.5-7.6z", False)),
}  # fmt: skip

LOOP_SIGNS: dict[str, Sign] = {  # 14 × 14
    "parallel": (("M3 2h2v10h-2z M6.5 2h2v10h-2z M10 2h2v10h-2z", True),),
    "sequential": (("M2 3h10v2h-10z M2 6.5h10v2h-10z M2 10h10v2h-10z", True),),
    "standard": (("M4.5 11.5a5 5 0 1 1 3 1 M4.5 11.5v-3 M4.5 11.5h-3", False),),
}  # fmt: skip

CALL_SIGN: Sign = (("M0.5 .5h13v13h-13z M7 3v8 M3 7h8", False),)

STATE_SIGNS: dict[str, str] = {  # 18 × 18 badge, white on the state's colour
    "done": "M4.5 9.5l3 3l6-7",
    "active": "M6.5 4.5l7 4.5l-7 4.5z",
    "waiting": "M5.5 4h7M5.5 14h7M6.5 4c0 3 5 5 5 10M11.5 4c0 3-5 5-5 10",
    "cancelled": "M5.5 5.5l7 7M12.5 5.5l-7 7",
    "added": "M9 4.5v9M4.5 9h9",
    "removed": "M4.5 9h9",
    "altered": "M5 13l.8-3l5.6-5.6l2.2 2.2l-5.6 5.6z",
    "moved": "M4 9h10M6.5 6.5l-2.5 2.5l2.5 2.5M11.5 6.5l2.5 2.5l-2.5 2.5",
}
