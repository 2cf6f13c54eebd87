"""Tables of the runtime. Facts of the domain live elsewhere; here is where a case stands and what was done."""

from engine.models.cases import NEVER, NORMAL_PRIORITY, Draft, InstanceStatus, ProcessInstance, TaskStatus, UserTask
from engine.models.deployment import DiagramFile, ProcessVersion, TableVersion
from engine.models.operation import BusinessClockSetting, Notice, WorkerPulse
from engine.models.record import HistoryChain, HistoryEvent, IdempotencyRecord, RuleEvaluation, StatedReason
from engine.models.repairs import RepairKind, RepairRequest, RepairState
from engine.models.waiting import DueTimer, Job, JobStatus, MessageSubscription

__all__ = [
    "NEVER",
    "NORMAL_PRIORITY",
    "BusinessClockSetting",
    "DiagramFile",
    "Draft",
    "DueTimer",
    "HistoryChain",
    "HistoryEvent",
    "IdempotencyRecord",
    "InstanceStatus",
    "Job",
    "JobStatus",
    "MessageSubscription",
    "Notice",
    "ProcessInstance",
    "ProcessVersion",
    "RepairKind",
    "RepairRequest",
    "RepairState",
    "RuleEvaluation",
    "StatedReason",
    "TableVersion",
    "TaskStatus",
    "UserTask",
    "WorkerPulse",
]
