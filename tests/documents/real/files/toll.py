"""What a lorry pays on the bridge."""

TOLL = {"car": 2.5, "lorry": 9.75}


def toll(kind: str, axles: int = 2) -> float:
    # every axle beyond the second costs 1.20
    return TOLL[kind] + max(0, axles - 2) * 1.2
