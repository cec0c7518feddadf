"""Who speaks: a person, or somebody for a firm."""

from __future__ import annotations

import re

from bot.language.numbers import flat

_OURS = r"我们?(?:这|这个|自己的?)?(?:公司|厂|店|单位|企业|工厂|饭店|超市|工作室)(?:里)?"
# who speaks for a firm of their own, whatever else is told
_OWN_FIRM = re.compile(
    r"我司|本公司|我(?:自己)?(?:开|办|经营)(?:了|着)?(?:个|家|一家|一个)?[^，,。]{0,6}(?:公司|工厂|厂)|"
    r"我(?:们)?是[^，,。]{0,8}(?:公司|企业|工厂|厂)的?(?:老板|法人|负责人)|我们(?:是|属于)[^，,。]{0,8}(?:公司|企业|工厂|厂家)"
)
_FIRM = re.compile(
    r"我公司|我单位|我厂|"
    rf"{_OURS}(?=给|跟|与|和|向|有个|有一|有几|招|聘|雇|想|打算|准备|承建|承接|签订|委托|起诉|中标|供|卖|出口|"
    r"进(?:的|了)|订(?:的|了)|(?:的)?(?:客户|货(?!车)|产品|模具|设备|商标|专利|货款|工程|仓库|员工)|"
    r"(?:有)?(?:个|一个|一名|两个|几个)(?:员工|业务员|会计|销售|司机|职工|学徒|店员|厨师))"
)
# somebody who works there speaks for themselves
_STAFF = re.compile(
    r"我(?:在|被|的工资|要辞|想辞|辞职|离职|不干|没签|上班|入职|怀孕|是.{0,6}(?:员工|职工|工人|会计|司机))|"
    r"(?:拖欠|欠|扣|克扣|辞退|开除|逼|让|叫|要求|不给|没给)我(?!司|公司|单位|厂|们公司)|我公司(?:不|没|要求|让|拖|欠|叫|一直不|老板|倒闭|搬|裁|强制)"
)


def find(text: str) -> str:
    plain = flat(text)
    ours = _FIRM.search(plain) and not _STAFF.search(plain)
    return "company" if ours or _OWN_FIRM.search(plain) else "person"
