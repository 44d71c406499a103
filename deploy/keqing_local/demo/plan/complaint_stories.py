"""What customers of the demo company complain about, and what is found and done about it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Story:
    category: str
    cause: str
    issue: str
    told: tuple[str, ...]
    """In the customer's words."""
    found: str
    side: str
    unit: str | None
    remedies: tuple[tuple[str, str], ...]
    """Form of settlement, and how it is put to the customer."""
    weight: int = 10


STORIES = (
    Story(
        "quality",
        "product_quality",
        "漏水",
        ("装好才半个月，接头就开始渗水，地面都泡了。", "夜里漏水，早上车间一片湿，你们的东西到底行不行？"),
        "密封圈批次偏硬，低温下回弹不足，同批已有三例。",
        "company",
        "生产部",
        (("repair", "当日上门更换整套密封件并加装漏水保护"), ("refund", "更换密封件并退还部分货款")),
        18,
    ),
    Story(
        "quality",
        "product_quality",
        "出水有异味",
        ("出来的水有股塑料味，孩子不肯喝。", "员工反映直饮机的水味道怪，已经停用两天。"),
        "出厂前冲洗不足，活性炭粉末残留。",
        "company",
        "品质部",
        (("replace", "免费更换前置滤芯并深度冲洗"), ("gift", "更换滤芯，另赠滤芯一套")),
        12,
    ),
    Story(
        "quality",
        "product_quality",
        "噪音超标",
        ("新风一开嗡嗡响，开会都听不清。", "晚上噪音大得睡不着，说好的静音呢？"),
        "现场实测高于标称六分贝，风机支架未加减振垫。",
        "company",
        "工程部",
        (("repair", "加装减振垫并重新调速"), ("discount", "加装减振，维保费打折")),
        12,
    ),
    Story(
        "service",
        "after_sales_repair",
        "维修迟迟不到",
        ("报修三天没人来，电话打了五遍，每次都说在安排。", "说好周三上门，人没来也没有电话。"),
        "派单系统漏派，区域工程师休假无人顶替。",
        "company",
        "售后服务部",
        (("apology", "服务经理致歉，当日加派工程师"), ("discount", "当日上门，免去本次服务费")),
        16,
    ),
    Story(
        "service",
        "staff_mistake",
        "安装弄坏墙面",
        ("师傅打孔把墙砖打裂了三块，说不归他管。", "安装完一地灰，门框也划了。"),
        "安装队未做防护，照片与客户描述一致。",
        "company",
        "安装队",
        (("refund", "赔付修补费用"), ("gift", "请人修补并赠送滤芯")),
        10,
    ),
    Story(
        "freight",
        "staff_mistake",
        "到货破损",
        ("外箱都压扁了，机壳有裂纹，司机放下就走。", "少了一箱配件，工期被你们耽误了。"),
        "物流单签收照片可见外箱破损，承运方认责。",
        "carrier",
        "承运商",
        (("replace", "补发完好件，加急到货"), ("credit_note", "补发配件并按合同冲减货款")),
        11,
    ),
    Story(
        "contract",
        "disagrees_with_policy",
        "发票与合同不符",
        ("合同写的是含安装，发票里又单列安装费。", "说好的账期六十天，怎么三十天就来催款？"),
        "报价单与合同附件版本不一致，以合同为准。",
        "company",
        "商务部",
        (("credit_note", "按合同冲减多开部分"), ("apology", "更正账期并书面说明")),
        9,
    ),
    Story(
        "overselling",
        "expectation_too_high",
        "效果不如承诺",
        ("业务员说半年不用换芯，三个月就报警了。", "说空气指标能降八成，检测下来只有一半。"),
        "销售材料用的是实验室数据，现场水质硬度偏高。",
        "company",
        "销售部",
        (("discount", "现场加测，换芯按成本价"), ("refund", "差额部分退款")),
        9,
    ),
    Story(
        "overselling",
        "different_standard",
        "验收标准分歧",
        ("你们说合格，我们按自己的标准测就是不合格。",),
        "双方检测方法不同，第三方复测结果在合同范围内。",
        "nobody",
        None,
        (("apology", "请第三方复测并说明标准"), ("gift", "复测并赠送检测服务一次")),
        6,
    ),
    Story(
        "customer_side",
        "customer_temperament",
        "使用不当致停机",
        ("机器又停了，肯定是质量问题，必须马上来人。", "才用一年就不出水，你们赶紧解决。"),
        "前置滤网长期未清洗，现场照片为证。",
        "customer",
        None,
        (("repair", "上门清洗并培训操作人员"), ("apology", "耐心解释并补一次使用培训")),
        8,
    ),
)

APOLOGIES = (
    "非常抱歉给您添麻烦了，您慢慢说，我都记下来。",
    "实在对不起，让您受累了，这件事我负责跟到底。",
    "先向您道歉，您说的情况我听清楚了，马上去核实。",
)
REJECTIONS = ("只修不赔不能接受。", "时间太长，等不起。", "要有书面保证才行。")
DECLINES = ("金额偏高，先与客户商量维修加赠品。", "责任尚未完全查清，请压低一档再报。")
GOODWILL = ("电话回访，客户说已恢复正常。", "上门看望，现场运行良好。", "微信回访，客户态度明显缓和。")
SUGGESTIONS = (
    "建议每季度做一次预防性保养。",
    "建议加装前置过滤，延长滤芯寿命。",
    "建议指定一名操作员接受培训。",
)
COMMENTS = {
    1: "还是觉得处理得太慢。",
    2: "问题解决了，但过程不愉快。",
    3: "一般，希望以后别再出现。",
    4: "处理得可以。",
    5: "态度好，办事快，放心。",
}
REOPENED = ("同样的问题又出现了。", "修过的地方一周后又坏了。")
AWAITED = "等客户提供现场照片和机身编号。"
ESCALATIONS = "客户情绪激动，要求领导出面。"
