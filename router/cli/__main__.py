"""`./jieyuan COMMAND`: the one list of commands. Each is a module here with `main(argv) -> int`."""

import importlib
import sys

from router.cli.environment import fail, sentence_for

COMMANDS = {
    "up": "启动全部服务(--port 8000 --host 127.0.0.1 --state .jieyuan)",
    "test": "运行全部测试(可加 pytest 的参数)",
    "understand": "读 JSONL,写出对每句话的理解:< in.jsonl > out.jsonl",
    "score": "给对话模型计分:[--data 目录] [--url 地址] [--rows N] [--json]",
    "screen": "读 JSONL 事实,写出预审结论:[--regions 目录] < in.jsonl > out.jsonl",
    "law": "法律数据:check [目录] 检查;show 地区 [--on 日期] 显示当天的规定",
    "replay": "重新判断存下的预审:--since 日期 [--law 改动后的目录] [--state 目录]",
    "converse": "在运行中的系统上演练对话:文件.yaml [--url 地址] > out.json",
    "staff": "律师和主管:add 登录名 姓名 [--supervisor];换密码:password 登录名",
    "roster": "排班:import 文件、export 文件、gaps 缺岗、plan 班表、passwords 初始密码",
    "partners": "合作单位:add 短名 名称 --days N --send --answer [--url 网址];key;revoke;list",
    "committees": "人民调解委员会和调解员:import 文件、list 谁在岗",
    "wechat": "公众号:list 列出;menu publish 发布自定义菜单,menu show 先看看",
    "demo": "演示:wechat 打开一个像微信的聊天页;hotline 演一天的热线,不用真电话",
    "hotline": "热线电话:fallback 值班手机 打印停机时的静态应答",
    "audit": "核对查阅记录:谁看过哪个案子,有没有被改过或删掉",
    "check": "核对工单:表里的状态与全部流转记录推出来的是否一致",
    "train": "训练对话模型;得分不低于现在的才换上,不用停机",
    "model": "对话模型:list 列出,use 编号 换用,back 退回上一个,都不用停机",
    "corrections": "律师的更正:count 统计,export 导出待审句子,accept 文件 收进本中心语料",
    "vectors": "加了训练语句以后:算出新语句的向量,存进 data/vectors.npz",
    "prepare": "建库或升级数据库,首次启动时放入演示县",
    "simulate": "在虚拟时间里演练派单:场景.yml [--seed N] [--find-seats 目标]",
    "serve": "只启动路由服务(up 会替您启动)",
    "bench": "在本机测量:./jieyuan bench --help",
}


def main(argv: list[str]) -> int:
    if not argv or argv[0] in ("-h", "--help", "help"):
        print("接援 Jieyuan\n\n用法:./jieyuan 命令 [选项]\n")
        for name, meaning in COMMANDS.items():
            print(f"  {name:<12}{meaning}")
        return 0
    name, rest = argv[0], argv[1:]
    if name not in COMMANDS:
        print(f"没有“{name}”这个命令;./jieyuan --help 列出全部命令。", file=sys.stderr)
        return 2
    try:
        return int(importlib.import_module(f"router.cli.{name}").main(rest))
    except BrokenPipeError:
        raise  # `| head` has seen enough: not the database's connection
    except Exception as error:
        if sentence := sentence_for(error):
            return fail(sentence)
        raise


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(1)
