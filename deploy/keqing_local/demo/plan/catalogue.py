"""What the demo company sells: water and air for firms and homes; all of it invented."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Product:
    name: str
    low: int
    high: int
    """Usual size of a deal, in CNY."""
    short: str
    """As people call it in titles."""


FOR_FIRMS = (
    Product("清源 JS-3000 中央净水系统", 120_000, 680_000, "中央净水"),
    Product("清源 ZY-20 直饮水机（批量）", 36_000, 210_000, "直饮水机"),
    Product("朗息 XF-800 新风系统", 90_000, 520_000, "新风系统"),
    Product("朗息 KJ-600 商用空气净化机", 28_000, 160_000, "空气净化"),
    Product("清源 CS-50 循环水处理站", 260_000, 980_000, "循环水处理"),
    Product("朗息 JK 车间空气监控平台", 58_000, 240_000, "空气监控"),
)
FOR_HOMES = (
    Product("清源 JH-6 家用净水机", 2_600, 6_800, "家用净水"),
    Product("清源 QW-12 全屋净水套装", 9_800, 26_000, "全屋净水"),
    Product("朗息 XF-200 家用新风", 12_000, 38_000, "家用新风"),
    Product("朗息 KJ-200 空气净化器", 1_900, 5_200, "空气净化器"),
)
CARE = "年度维保与滤芯更换"

RIVALS = ("沁泉环境", "蓝岸净化", "优氧科技", "海特水务", "当地经销商")
