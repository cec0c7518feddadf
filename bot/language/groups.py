"""Groups the law protects, as far as the text shows them, for the asker or whom they help."""

from __future__ import annotations

import re

from bot.language.numbers import HAN, flat, parse

_AGE = re.compile(rf"(?<![\d第])(\d{{1,3}}|[{HAN}]{{1,4}})(?:多)?(?:周岁|岁)")
_WORDS = {
    "minor": r"未成年|小孩|孩子|儿童|幼儿|婴儿|宝宝|小宝|大宝|娃|幼女|女童|男童|中学生|小学生|"
    r"初中|小学|高中生|哺乳期|"
    r"抚养权|抚养费|满月|月大|孙子|孙女",
    "elderly": r"老人|老年|老母|老父|老爷爷|老奶奶|高龄|养老院|敬老院|老太|老头|爷爷|奶奶|外公|"
    r"外婆|姥姥|姥爷|退休多年",
    "disabled_or_mental": r"残疾|残联|精神病|精神分裂|精神疾|精神障碍|智障|智力|弱智|傻子|痴呆|"
    r"聋|哑|盲人|失明|瘫痪|植物人|"
    r"抑郁|精神失常|自闭|脑瘫|阿尔茨海默|失智|失能|疯子|神经病|双相|躁郁|癫痫",
    "migrant_worker": r"农民工|民工|包工头|工地|建筑工|施工队|打工|小工|大工|瓦工|木工|钢筋工|"
    r"水电安装|架子工|泥工|外来务工|"
    r"进城务工|外出务工|拖欠工钱|工钱|干活的钱|劳务队|班组|抹灰|砌墙|装修工",
    "woman": r"我老公|老公|女方|怀孕|孕妇|孕期|产假|哺乳|我妈|妈妈|母亲|我丈夫|的丈夫|丈夫|"
    r"婆婆|我前夫|前夫|流产|生孩子|生育|坐月子|"
    r"我是女|女士|女工|女职工|妇女|我男朋友|男朋友|女儿|我女|乳腺|宫外孕|彩礼.{0,6}男方|强奸|姐姐|妹妹|我姐|我妹|单亲妈",
    "soldier_veteran": r"退伍|退役|军人|现役|部队|当兵|入伍|士兵|士官|转业|自主择业|军嫂|军属|"
    r"烈属|军婚|参战|两参|复员|武警|义务兵|"
    r"军官|军烈",
}
_GROUPS = {name: re.compile(words) for name, words in _WORDS.items()}
# Words that look like a group and are not one
_NOT = re.compile(
    r"孩子他|孩子爸|孩子妈|生孩子前|无子女|打工人|精神损失|精神抚慰|精神赔偿|养老保险|精神出轨|中学毕业|小学毕业|初中毕业|"
    r"抚养费已付清|高中毕业|老人头|部队路|老人机|盲目|聋哑学校|瞎子|母亲节|妇女节|女士包|女儿红"
)


def find(text: str) -> list[str]:
    plain = _NOT.sub("", flat(text))
    found = {name for name, words in _GROUPS.items() if words.search(plain)}
    for match in _AGE.finditer(plain):
        age = parse(match[1]) or 0
        if 0 < age < 18:
            found.add("minor")
        elif 60 <= age < 120:
            found.add("elderly")
    return [name for name in _GROUPS if name in found]
