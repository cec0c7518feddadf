"""The institution and the county's mediators, as the other rooms' tests know them."""

from tests.router.applications.conftest import institution as institution
from tests.router.mediation.conftest import hall as hall
