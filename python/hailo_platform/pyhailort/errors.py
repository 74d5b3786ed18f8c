"""Statuses of libhailort as exceptions."""

from hailo_platform.pyhailort import _pyhailort


class HailoRTException(Exception):
    """A call of libhailort failed; the cause is the native exception, whose first argument is the status as text."""


class UdpRecvError(HailoRTException):
    pass


class InvalidProtocolVersionException(HailoRTException):
    pass


class HailoRTFirmwareControlFailedException(HailoRTException):
    pass


class HailoRTUnsupportedOpcodeException(HailoRTException):
    pass


class HailoRTInvalidFrameException(HailoRTException):
    pass


class HailoRTTimeout(HailoRTException):
    pass


class HailoRTStreamAborted(HailoRTException):
    pass


class HailoRTInvalidOperationException(HailoRTException):
    pass


class HailoRTInvalidArgumentException(HailoRTException):
    pass


class HailoRTNotFoundException(HailoRTException):
    pass


class HailoRTInvalidHEFException(HailoRTException):
    pass


class HailoRTHEFNotCompatibleWithDevice(HailoRTException):
    pass


class HailoRTEthException(HailoRTException):
    pass


class HailoRTDriverOperationFailedException(HailoRTException):
    pass


class HailoCommunicationClosedException(HailoRTException):
    pass


class HailoRTNetworkGroupNotActivatedException(HailoRTException):
    pass


HailoRTStreamAbortedByUser = HailoRTStreamAborted

BY_STATUS = {
    2: HailoRTInvalidArgumentException, 4: HailoRTTimeout, 6: HailoRTInvalidOperationException, 15: InvalidProtocolVersionException,
    18: HailoRTFirmwareControlFailedException, 19: HailoRTEthException, 21: UdpRecvError, 25: HailoRTInvalidFrameException,
    26: HailoRTInvalidHEFException, 36: HailoRTDriverOperationFailedException, 48: HailoRTUnsupportedOpcodeException,
    61: HailoRTNotFoundException, 62: HailoCommunicationClosedException, 63: HailoRTStreamAborted,
    69: HailoRTNetworkGroupNotActivatedException, 93: HailoRTHEFNotCompatibleWithDevice}


def exception_of(status):
    """The exception for a status code; None for success."""
    if status == 0:
        return None
    return BY_STATUS.get(status, HailoRTException)(
        f"libhailort failed with error: {status} ({_pyhailort.get_status_message(status)})")


class ExceptionWrapper:
    """Raises a status that leaves the block as the exception of its code."""

    def __enter__(self):
        return self

    def __exit__(self, kind, value, traceback):
        if isinstance(value, _pyhailort.HailoRTStatusException):
            raise exception_of(int(value.args[0])) from value
        return False
