"""Currencies as brokers write them: codes, marks and names; what is no currency is none."""

from __future__ import annotations

import re
from functools import lru_cache

MINOR = ("GBp", "ZAc", "ILA", "KWf")  # their case is what tells pence from pounds
MAJOR = {"GBp": "GBP", "ZAc": "ZAR", "ILA": "ILS", "KWf": "KWD"}
PARTS = {"GBp": 100, "ZAc": 100, "ILA": 100, "KWf": 1000}
ISO_AND_COINS = """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP
    BYN BZD CAD CDF CHF CLF CLP CNH CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD
    FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY
    KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU
    MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD
    RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY
    TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWL BTC ETH USDT
    USDC BUSD BNB DAI FDUSD TUSD XBT EURT
"""
CODES = frozenset(ISO_AND_COINS.split())
NAMED = {
    "€": "EUR", "£": "GBP", "US$": "USD", "USD$": "USD", "$US": "USD", "C$": "CAD", "CA$": "CAD",
    "A$": "AUD", "AU$": "AUD", "NZ$": "NZD", "HK$": "HKD", "S$": "SGD", "R$": "BRL", "₹": "INR",
    "₩": "KRW", "円": "JPY", "USドル": "USD", "米ドル": "USD", "美元": "USD", "港元": "HKD",
    "港币": "HKD",
    "米国ドル": "USD", "日本円": "JPY", "香港ドル": "HKD", "ユーロ": "EUR",
    "人民币": "CNY", "元": "CNY", "ZŁ": "PLN", "ZL": "PLN", "KČ": "CZK", "FR.": "CHF", "SFR": "CHF",
    "SFR.": "CHF", "GBX": "GBp", "GBPENCE": "GBp", "PENCE": "GBp", "P": "GBp", "ZAC": "ZAc",
    "EURO": "EUR", "EUROS": "EUR", "DOLLAR": "USD", "US DOLLAR": "USD", "RS": "INR", "RS.": "INR",
    "₽": "RUB", "₺": "TRY", "₪": "ILS", "XBT": "BTC", "CNH": "CNH",
}  # fmt: skip
SHARED = {  # marks that several currencies share
    "$": ("USD", "CAD", "AUD", "NZD", "HKD", "SGD", "MXN", "TWD"),
    "¥": ("JPY", "CNY", "CNH"),
    "KR": ("SEK", "NOK", "DKK", "ISK"),
    "KR.": ("DKK", "ISK"),
}
ODDITIES = re.compile(r"\s+")


@lru_cache(maxsize=50_000)
def currency_of(word: str) -> str:
    """The code of a currency, a mark that several share as it is, or "" for any other word."""
    text = ODDITIES.sub(" ", word.strip().replace("￥", "¥"))
    if text in MINOR:
        return text
    upper = text.upper()
    if upper in NAMED and not (text == "P" and word.strip() == "P"):
        return NAMED[upper]
    if upper in CODES:
        return upper
    return upper if upper in SHARED else ""


def meets(code: str, other: str) -> bool:
    """Whether two marks of currency can speak of one; `$` can be any dollar."""
    return code == other or code in SHARED.get(other, ()) or other in SHARED.get(code, ())


def scale(one: str, other: str) -> float | None:
    """How many of `other` one of `one` is, where that is exact: pence and pounds."""
    if one == other:
        return 1.0
    if MAJOR.get(other) == one:
        return float(PARTS[other])
    if MAJOR.get(one) == other:
        return 1.0 / PARTS[one]
    return None
