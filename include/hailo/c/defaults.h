// Initializers of parameter structures.
#pragma once

#include "configure_types.h"

#ifdef __cplusplus
extern "C" {
#endif

// Initializers, in the order of the fields.
#define HAILO_DEFAULT_TRANSFORM_PARAMS                                                                             \
  {                                                                                                                \
    HAILO_STREAM_TRANSFORM_COPY, { HAILO_FORMAT_TYPE_AUTO, HAILO_FORMAT_ORDER_AUTO, HAILO_FORMAT_FLAGS_QUANTIZED } \
  }
#define HAILO_DEFAULT_SOCKADDR      \
  {                                 \
    AF_INET, 0, {INADDR_ANY}, { 0 } \
  }
#define HAILO_ETH_INPUT_STREAM_PARAMS_DEFAULT                                                               \
  {                                                                                                         \
    HAILO_DEFAULT_SOCKADDR, HAILO_DEFAULT_ETH_DEVICE_PORT, false, 0, HAILO_DEFAULT_ETH_MAX_PAYLOAD_SIZE, 0, \
        HAILO_DEFAULT_BUFFERS_THRESHOLD                                                                     \
  }
#define HAILO_ETH_OUTPUT_STREAM_PARAMS_DEFAULT                                                        \
  {                                                                                                   \
    HAILO_DEFAULT_SOCKADDR, HAILO_DEFAULT_ETH_DEVICE_PORT, false, HAILO_DEFAULT_ETH_MAX_PAYLOAD_SIZE, \
        HAILO_DEFAULT_BUFFERS_THRESHOLD                                                               \
  }
#define HAILO_PCIE_STREAM_PARAMS_DEFAULT \
  { 0 }
#define HAILO_MIPI_INPUT_STREAM_PARAMS_DEFAULT                                                                   \
  {                                                                                                              \
    {1920, 1080, HAILO_MIPI_PIXELS_PER_CLOCK_4, 2, HAILO_MIPI_CLOCK_SELECTION_AUTOMATIC, 0, 260}, 0,             \
        HAILO_MIPI_RX_TYPE_RAW_8, false, {                                                                       \
      HAILO_MIPI_ISP_IMG_IN_ORDER_GR_FIRST, HAILO_MIPI_IMG_OUT_DATA_TYPE_RGB_888, false, 1920, 1080, 0, 0, true, \
          false, true, true, true, false, 0, HAILO_MIPI_ISP_LIGHT_FREQUENCY_50HZ                                 \
    }                                                                                                            \
  }
#define HAILO_ACTIVATE_NETWORK_GROUP_PARAMS_DEFAULT \
  { 0 }

#ifdef __cplusplus
}
#endif
