"""Groups the law protects, as far as the text shows them, for the asker or whom they help."""

from __future__ import annotations

import re

from bot.language.numbers import HAN, flat, parse

_SITE_WORDS = r"工地|包工头"
_MIGRANT = r"农民工|建筑工|(?:进城|外出|外来|外地|来城里|农村)[^,，。]{0,4}(?:打工|务工)|务工人员"
# Statuses of router/eligibility/facts.py `groups`, as people call them
STATUSES = {
    "migrant_worker": rf"{_MIGRANT}|{_SITE_WORDS}|打零工",
    "dibao_edge": r"低保边缘",
    "dibao": r"低保(?!边缘)",
    "tekun": r"特困|五保",
    "no_fixed_income": r"没有固定收入|没有固定生活来源|无固定生活来源|没有生活来源",
    "rigid_expense_household": r"刚性支出",
    "disaster_victim": r"受灾|遭了灾|灾民",
    "judicial_relief": r"司法救助",
    "youfu": r"优抚",
    "veteran": r"退伍|退役|复员|转业军人|老兵",
    "military_family": r"军属|军嫂|(?:老公|丈夫|儿子|爱人|对象)(?:是|在)(?:军人|部队|当兵)|烈属",
    "military": r"我是(?:现役)?军人|我在部队|现役军人",
}
_SERVED = "|".join(STATUSES[name] for name in ("youfu", "veteran", "military_family", "military"))

_WORDS = {
    "minor": r"未成年|没成年|(?:未|不|没)(?:满|到)(?:18|十八)|小孩|孩子|儿童|小朋友|幼儿(?!园)|"
    r"婴儿|弃婴|孤儿|宝宝|小宝|大宝|"
    r"娃|幼女|女童|男童|女孩子|家小子|中学生|小学生|初中生|高中生|暑假工|抚养权|抚养费|监护权|"
    r"满月|月大|孙子|孙女|"
    r"(?:上|读|念)(?:的)?(?:幼儿园|小学|初中|高中|中学)|(?:儿子|女儿|闺女)[^。;]{0,5}(?:幼儿园|"
    r"小学|初中|高中|中学)|"
    r"(?:幼儿园|小学|初中|中学)[^,。;]{0,6}(?:学生|年级)|[初高][一二三](?:的|学生|女生|男生|上)|(?<!最)高[一二三](?=$|[,。])|"
    r"托班|体罚",
    "elderly": r"老人|老年|老母|老父|老爷爷|老奶奶|高龄|养老院|敬老院|老太太|老太婆|老头|老汉|"
    r"老大爷|老大娘|"
    r"老两口|老伴|爷爷|奶奶|外公|外婆|姥姥|姥爷|退休多年",
    "disabled_or_mental": r"残疾|残联|精神病|精神分裂|精神疾|精神障碍|精神(?:不正常|失常|有问题)|"
    r"智障|智力(?:有|残|低|问)|"
    r"弱智|傻子|痴呆|聋|哑|盲人|失明|瞎子|瘫|植物人|轮椅|截肢|半身不遂|抑郁|自闭|脑瘫|阿尔茨海默|"
    r"失智|失能|疯子|双相|"
    r"躁郁|癫痫|脑子(?:有问题|有病|不好使|不正常)|(?:有|患|得)(?:了)?神经病",
    "soldier_veteran": rf"{_SERVED}|军人|现役|服役|部队|当(?:过|了|的)?兵|入伍|士兵|士官|"
    r"转业|自主择业|烈士|军婚|参(?:过)?战|两参|武警|义务兵|军官|军烈|抗美援朝|抗战",
}
_GROUPS = {name: re.compile(words) for name, words in _WORDS.items()}
ORDER = ("minor", "elderly", "disabled_or_mental", "migrant_worker", "woman", "soldier_veteran")

# Words that look like a group and are not one
_NOT = re.compile(
    r"(?:孩子|儿子|女儿|小孩|娃)(?:他|她|的)?(?:爷爷|奶奶|外公|外婆|姥姥|姥爷)|生(?:育|了|"
    r"过)?(?:[\d一二两三四几]个)?(?:孩子|小孩|娃)|"
    r"无子女|社会抚养费|抚养费已付清|是[他她](?:的)?孙[子女]|装孙子|儿童(?:座椅|车|餐|"
    r"票|装|用品|玩具)|"
    r"未成年(?:时|的时候)|幼儿园(?=老师|教师|房东|园长)|(?:开|接|办|转让)了?(?:个|一个|家|一家|"
    r"这个|那个)?幼儿园|"
    r"打工人|精神损失|精神损害|精神抚慰|精神赔偿|精神出轨|精神病院|残疾(?:赔偿|补偿|鉴定|等级|"
    r"标准|辅助)|哑巴亏|装聋作哑|聋哑学校|"
    r"(?:交通|系统|网络|厂里|公司|业务|生意|平台)(?:都|全)?瘫痪|瘫痪的?(?:交通|系统)|盲目|"
    r"养老保险|老人头|老人机|"
    r"老年(?:大学|机|代步)|在(?:一家|一个)?(?:养老院|敬老院)(?:做|当|上班|工作|干|打工)|"
    r"[小中高]学毕业|部队(?:路|大院)|军训|军大衣|"
    r"(?:孩子|娃|小孩|儿女)们?(?:都|全)?(?:大了|成家|工作了|在外(?!婆|公))|"
    r"(?:老人|爷爷|奶奶|外公|外婆)(?:都|已经|已)?(?:去世|过世|走了|不在了|死了|留下)|老公司|母公司|"
    r"母亲节|妇女节|女士包|女儿红"
)
# Whom a word is about, the word itself written §: the other side, a stranger, nobody
_HARMS = r"(?:骗|打|撞|砍|捅|咬|伤|骂|欺|威胁|讹|偷|抢|推|踢|踹|勒索)"
_OTHER_SIDE = (
    rf"(?:对方|{_HARMS}(?:了|伤|倒|到)?(?:我|人|我妈|我爸|孩子)的(?:那?个)?人?|肇事(?:者|司机|"
    rf"的)|碰瓷的|"
    r"老板|房东|邻居|楼上|楼下|隔壁|司机|包工头|被告|同事|领导|网友)"
)
_OF_ANOTHER = re.compile(
    rf"{_OTHER_SIDE}(?:[^我俺,。]{{0,2}}(?:的|是|有|当过|说)[^我俺,。]{{0,8}})?§"
    r"|(?:他|她)说(?:他|她)?(?:自己)?(?:有|是)[^,。]{0,6}§"
    r"|借给[^我,。]{0,5}§"
    rf"|(?<![我俺])§[^,。]{{0,6}}(?:{_HARMS}(?:了)?我|欠我|不还|不退我|泼|砸我|霸占)"
    r"|(?:冒充|假|装成?)§|(?:不是|并非|没有|不算)(?:什么)?§"
)
_BY_STRANGER = re.compile(
    rf"被(?:[一那这几两]?[个位名群帮])[^被我,。]{{0,6}}§[^,。]{{0,4}}{_HARMS}"
)
_AGE = re.compile(rf"(?<![\d第])(\d{{1,3}}|[{HAN}]{{1,4}})(?:多|来)?(?:周岁|岁(?!数|月))")
_BARE_AGE = re.compile(
    rf"(?:我|俺|他|她|俩|两口子|本人|爸|妈|爹|娘|父亲|母亲|父母|儿子|女儿|弟弟?|妹妹?|孩子|"
    rf"岁数大了?,?)(?:今年|才|刚|现在|都|快|已经|也)*"
    rf"(\d{{2}}|[{HAN}]?十[{HAN}]?)(?:多|来)?(?=$|[,。;\s了]|的人)"
)

_BUILDS = re.compile(
    rf"{_MIGRANT}|民工|架子工|瓦工|(?<!伐)木工|钢筋|抹灰|砌墙|泥工|泥瓦|水电安装|干水电|小工|"
    r"大工|杂工|劳务队|班组|"
    r"施工队|装修队|装修工|瓷砖|外墙|塔吊|脚手架|盖楼|修(?:高铁|高速|路)"
)
_SITE = re.compile(rf"{_SITE_WORDS}|工头|项目部|工钱|带班的")
_WORKS = re.compile(
    r"工钱|工资|工程款|干活|干了|上班|受了?伤|伤亡|摔|砸|掉下来|断了|讨薪|结账|没给|不给|工人|"
    r"工伤|做工|做饭|打钱|没拿|着落|跑了|"
    r"承建|意外|开塔吊|死了|施工|干木工|签合同"
)
_OWNS = re.compile(
    r"(?:我|我家|自己|自家)?请(?:了|的)?(?:几|一)?(?:个|位)?(?:包工头|农民工|民工|小工|瓦工|木工|"
    r"装修|施工队)|"
    r"(?:包给|承包给|找了?(?:个|一个)?)(?:了)?(?:个|一个)?(?:包工头|施工队|装修)|建的房|盖的房|"
    r"自家盖|自建房|"
    r"装修公司(?!做|干|上班|打)|装修时|噪音|噪声|灰(?:太|大|尘)|我家(?:的)?(?:围墙|房|车|装修|"
    r"电视)|家里装修|楼盘(?:停|烂|挡|质)"
)

_SHE = re.compile(  # what only a woman, or somebody for her, says
    r"(?<!做)(?<!她)(?<!她有)老公|嫁[到给过人来]|丈夫|我男人|俺男人|当家的|前夫|婆婆|公公|婆家|"
    r"娘家|嫁妆|外嫁女|男朋友|男友|(?:孩子|娃儿?|女儿|儿子)(?:的|他|她)?(?:爸|父亲)|爱人他|"
    r"怀孕|孕妇|孕期|未婚先孕|产假|流产|堕胎|打胎|人流|[孕产胎]检|剖腹产|喂奶|哺乳|坐月子|生孩子|"
    r"大出血|宫外孕|乳腺|子宫|单亲妈|全职妈|家庭主妇|我娘[俩仨三]|"
    r"(?:我|本人)(?:是|作为)(?:一个|一名|个|名)?(?:女|妇|他(?:的)?(?:老婆|妻子|媳妇))|一个女人|"
    r"妇道|女工|女职工|妇女|"
    r"强奸了?我|(?:我|女孩|幼女)[^,。]{0,4}(?:被)?(?:强奸|性侵|猥亵)|男人(?:摸|强)|先生(?:出轨|"
    r"家暴|打我|不给)|"
    r"(?<!归)女方(?!的名|名下|家|父母|要退|悔|有外遇|出轨|不让|不履行|跑)|(?:和|跟|与)男方|"
    r"男方(?:一直|不|拒绝|没|实施|家暴|出轨|打|把)|"
    r"(?<![我俺])妻子(?:无|没|不同意|一方|能)"
)
_HER_KIN = (
    r"(?:女儿|闺女|姐姐?|妹妹?|嫂子?|弟妹|姨妈?|姑姑?|侄女|妻子|老婆|媳妇|女朋友|对象|表[姐妹])"
)
_FOR_HER = re.compile(
    rf"(?:我|俺|我家)(?:大|小|二)?{_HER_KIN}(?!夫|婿|的|把|和|跟|借|欠|骗|出轨|要|"
    rf"跑)[^,。我]{{0,8}},?"
    r"(?:被(?!抓|捕|拘|判|刑|带|告)|挨打|快生|产|怀孕|脑瘫|残|聋|骚扰|家暴)"
    r"|(?<![和跟给让把是陪])(?:我|俺|我老)(?:妈妈?|母亲|娘)(?!三|俩|家|的|就|说|给|带|帮|让|和|养|管|带我|"
    r"跟|同意|不让|知道|打|骂|要)"
)
_HE = re.compile(
    r"我是(?:个)?(?:男|他爸|她老公|她丈夫)|(?:女朋友|女友|老婆|媳妇|未婚妻)[^,。]{0,4}(?:骗|出轨|"
    r"跑)"
)


def find(text: str) -> list[str]:
    plain = _NOT.sub("", flat(text).replace("，", ",").replace("；", ";"))
    found = {name for name in _GROUPS if _shown(name, plain)} | _by_age(plain)
    if _works_on_site(plain):
        found.add("migrant_worker")
    if not _HE.search(plain) and (_SHE.search(plain) or _FOR_HER.search(plain)):
        found.add("woman")
    return [name for name in ORDER if name in found]


def _shown(name: str, plain: str) -> bool:
    return any(
        not of_another(plain, *match.span(), child=name == "minor")
        for match in _GROUPS[name].finditer(plain)
    )


def of_another(plain: str, start: int, end: int, child: bool = False) -> bool:
    """Whether the words from `start` to `end` are said of the other side, or denied."""
    around = f"{plain[max(0, start - 16) : start]}§{plain[end : end + 14]}"
    before, after = around.split("§")
    clause = re.split(r"[,。;!?\s]", before)[-1] + "§" + re.split(r"[,。;!?\s]", after)[0]
    if _OF_ANOTHER.search(clause):
        return True
    return not child and _BY_STRANGER.search(clause) is not None


def _by_age(plain: str) -> set[str]:
    groups = set()
    for match in [*_AGE.finditer(plain), *_BARE_AGE.finditer(plain)]:
        age = parse(match[1]) or 0
        if 0 < age < 18 and not (age < 5 and "岁" not in match[0]):
            groups.add("minor")
        elif 60 <= age < 120 and not of_another(plain, *match.span()):
            groups.add("elderly")
    return groups


def _works_on_site(plain: str) -> bool:
    if _OWNS.search(plain):
        return False
    return bool(_BUILDS.search(plain) or (_SITE.search(plain) and _WORKS.search(plain)))
