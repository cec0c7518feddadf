import pytest

from bot.language import asks, groups, party, regions


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("公司要从广东省中山市搬走", ["广东省中山市"]),
        ("我是江苏东台的", ["江苏东台"]),
        ("我们是沈阳皇姑区的", ["沈阳皇姑区"]),
        ("赣州市安远县公司", ["赣州市安远县"]),
        ("在文水县凤城镇龙泉村干活", ["文水县凤城镇龙泉村"]),
        ("我是砀山的，在工地受伤", ["砀山"]),
        ("人在国外 香港居民", ["香港"]),
        ("内蒙古呼和浩特", ["内蒙古呼和浩特"]),
    ],
)
def test_places_are_found_as_written(text, places):
    assert [r.literal for r in regions.find(text)] == places


@pytest.mark.parametrize(
    "text",
    [
        "我在小区里被狗咬了",
        "楼盘挡了我家日照权",
        "去南京路买东西",
        "他是北京大学毕业的",
        "阿里巴巴不退款",
        "市场里买的菜",
        "平安保险不赔",
        "现货白银亏了",
        "我们村的地",
    ],
)
def test_schools_streets_firms_and_common_words_are_no_places(text):
    assert regions.find(text) == []


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("我弟17岁被抓了", ["minor"]),
        ("我弟18岁被抓了", []),
        ("我爸60岁了", ["elderly"]),
        ("我爸59岁了", []),
        ("包工头不给工钱", ["migrant_worker"]),
        ("我82年入伍，87年退伍", ["soldier_veteran"]),
        ("二级精神病人", ["disabled_or_mental"]),
        ("公司要赔我精神损失费", []),
        ("怀孕了公司辞退我", ["woman"]),
    ],
)
def test_groups_are_what_the_words_show(text, shown):
    assert groups.find(text) == shown


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("我公司给上海一个公司生产了一批货", "company"),
        ("我司被客户起诉", "company"),
        ("我们公司拖欠我工资", "person"),
        ("公司不给我交社保", "person"),
    ],
)
def test_an_employee_speaks_for_themselves(text, who):
    assert party.find(text) == who


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("他不还钱怎么办", ["advice"]),
        ("请个律师要多少钱", ["lawyer"]),
        ("怎么申请法律援助", ["legal_aid"]),
        ("到法院开庭要多长时间", ["status"]),
        ("起诉状怎么写", ["documents"]),
        ("我想投诉快递公司", ["complaint"]),
        ("我被顾客投诉了", ["advice"]),
        ("你们热线电话是多少", ["hotline"]),
    ],
)
def test_what_is_asked_for(text, wanted):
    assert asks.find(text) == wanted
