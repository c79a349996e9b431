"""What the picture keeps in the database: refreshes, what moved, segments and tags. The picture is in the lake."""

from regulars.insight.models.refresh import Refresh, StageMove
from regulars.insight.models.segments import Membership, MembershipCause, Segment, SegmentVersion, Tag, TagGiven

__all__ = ["Membership", "MembershipCause", "Refresh", "Segment", "SegmentVersion", "StageMove", "Tag", "TagGiven"]
