"""Who speaks: a person, or somebody for a firm."""

from __future__ import annotations

import re

from bot.language.numbers import flat

_FIRM = re.compile(
    r"我司|我公司|本公司|我单位|我厂|我(?:自己)?(?:是|开)(?:了)?(?:个|家|一家)?[^，。]{0,6}(?:公司|工厂|厂)(?:的老板|的法人|,|$)|我们(?:是|属于).{0,8}(?:公司|企业|工厂|厂家)|"
    r"我们(?:公司|厂|单位|企业)(?=(?:给|跟|与|和|向|有个|有一|有几|招|聘|雇|里有个|的?客户|员工|是一家|想|打算|准备|承建|承接|签订|委托|起诉|中标|供货|卖给|出口))"
)
# somebody who works there speaks for themselves
_STAFF = re.compile(
    r"我(?:在|被|的工资|要辞|想辞|辞职|离职|不干|没签|上班|入职|怀孕|是.{0,6}(?:员工|职工|工人|会计|司机))|"
    r"(?:拖欠|欠|扣|克扣|辞退|开除|逼|让|叫|要求|不给|没给)我(?!司|公司|单位|厂|们公司)|我公司(?:不|没|要求|让|拖|欠|叫|一直不|老板|倒闭|搬|裁|强制)"
)


def find(text: str) -> str:
    plain = flat(text)
    return "company" if _FIRM.search(plain) and not _STAFF.search(plain) else "person"
