"""Follow-up questions: what a short question means after the ones before it."""

from qa.follow_ups.exchanges import Exchange as Exchange
from qa.follow_ups.exchanges import exchange_of as exchange_of
from qa.follow_ups.rewriting import alone as alone
from qa.follow_ups.rewriting import rewrite as rewrite
