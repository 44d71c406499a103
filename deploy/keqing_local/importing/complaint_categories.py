"""Which of our six categories a complaint about a financial service belongs to.

contract      what was agreed, or the way to an agreement: terms, applications, opening and closing accounts
service       how people were treated and their affairs handled
freight       what was to get from here to there did not: money sent, drawn, paid in
quality       what was delivered is faulty: wrong reports, wrong bills, safety that did not hold
overselling   promises, threats and charges beyond what was agreed
customer_side the customer's own means are the trouble
"""

from itertools import chain

_ISSUES = {
    "contract": (
        "APR or interest rate",
        "Account opening, closing, or management",
        "Account terms and changes",
        "Application processing delay",
        "Application, originator, mortgage broker",
        "Arbitration",
        "Balance transfer",
        "Closing/Cancelling account",
        "Credit decision / Underwriting",
        "Credit determination",
        "Credit line increase/decrease",
        "Disclosure verification of debt",
        "Disclosures",
        "Getting a loan",
        "Incorrect/missing disclosures or info",
        "Loan modification,collection,foreclosure",
        "Managing the line of credit",
        "Managing the loan or lease",
        "Managing, opening, or closing account",
        "Payoff process",
        "Repaying your loan",
        "Sale of account",
        "Settlement process and costs",
        "Shopping for a line of credit",
        "Shopping for a loan or lease",
        "Taking out the loan or lease",
    ),
    "service": (
        "Can't contact lender",
        "Communication tactics",
        "Credit reporting company's investigation",
        "Customer service / Customer relations",
        "Customer service/Customer relations",
        "Dealing with my lender or servicer",
        "Improper contact or sharing of info",
        "Loan servicing, payments, escrow account",
        "Other",
        "Other service issues",
        "Privacy",
        "Unable to get credit report/credit score",
    ),
    "freight": (
        "Applied for loan/did not receive money",
        "Cash advance",
        "Deposits and withdrawals",
        "Making/receiving payments, sending money",
        "Money was not available when promised",
        "Other transaction issues",
        "Payment to acct not credited",
        "Transaction issue",
        "Using a debit or ATM card",
        "Wrong amount charged or received",
    ),
    "quality": (
        "Billing disputes",
        "Billing statement",
        "Can't stop charges to bank account",
        "Credit card protection / Debt protection",
        "Credit monitoring or identity protection",
        "Fraud or scam",
        "Identity theft / Fraud / Embezzlement",
        "Improper use of my credit report",
        "Incorrect information on credit report",
        "Unauthorized transactions/trans. issues",
    ),
    "overselling": (
        "Advertising and marketing",
        "Balance transfer fee",
        "Cash advance fee",
        "Charged fees or interest I didn't expect",
        "Cont'd attempts collect debt not owed",
        "Excessive fees",
        "False statements or representation",
        "Fees",
        "Other fee",
        "Overdraft, savings or rewards features",
        "Received a loan I didn't apply for",
        "Rewards",
        "Taking/threatening an illegal action",
        "Unsolicited issuance of credit card",
    ),
    "customer_side": (
        "Bankruptcy",
        "Can't repay my loan",
        "Delinquent account",
        "Forbearance / Workout plans",
        "Late fee",
        "Overlimit fee",
        "Problems caused by my funds being low",
        "Problems when you are unable to pay",
    ),
}

_PRODUCTS = {
    "Bank account or service": "service",
    "Consumer Loan": "contract",
    "Credit card": "service",
    "Credit reporting": "quality",
    "Debt collection": "overselling",
    "Money transfers": "freight",
    "Mortgage": "contract",
    "Payday loan": "contract",
    "Prepaid card": "service",
    "Student loan": "contract",
}
"""For an issue that is not in the table."""

_BY_ISSUE = dict(
    chain.from_iterable(((issue, category) for issue in issues) for category, issues in _ISSUES.items())
)


def category_of(issue: str, product: str) -> str:
    """By the issue; where that is unknown by the product; else a matter of service."""
    return _BY_ISSUE.get(issue) or _PRODUCTS.get(product, "service")


def is_known(issue: str) -> bool:
    """Whether the table names the issue."""
    return issue in _BY_ISSUE
