// The C interface of HailoRT 4.23.0 over Graupel's virtual device. Source compatible; names, values and layouts are the
// vendor's, so that programs compile unchanged.
#pragma once

#include "c/configure_types.h"
#include "c/constants.h"
#include "c/defaults.h"
#include "c/device_functions.h"
#include "c/device_types.h"
#include "c/format_types.h"
#include "c/health_types.h"
#include "c/hef_functions.h"
#include "c/interface_types.h"
#include "c/nms_types.h"
#include "c/notification_types.h"
#include "c/status.h"
#include "c/stream_functions.h"
#include "c/stream_types.h"
#include "c/vstream_functions.h"
