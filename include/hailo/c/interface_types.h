// Parameters of the links between host and device. The virtual device has one link, which is called PCIE.
#pragma once

#include "format_types.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  struct sockaddr_in host_address;
  port_t device_port;
  bool is_sync_enabled;
  uint32_t frames_per_sync;
  uint16_t max_payload_size;
  uint32_t rate_limit_bytes_per_sec;
  uint32_t buffers_threshold;
} hailo_eth_input_stream_params_t;

typedef struct {
  struct sockaddr_in host_address;
  port_t device_port;
  bool is_sync_enabled;
  uint16_t max_payload_size;
  uint32_t buffers_threshold;
} hailo_eth_output_stream_params_t;

typedef struct {
  EMPTY_STRUCT_PLACEHOLDER
} hailo_pcie_input_stream_params_t;

typedef struct {
  EMPTY_STRUCT_PLACEHOLDER
} hailo_pcie_output_stream_params_t;

typedef enum {
  HAILO_MIPI_PIXELS_PER_CLOCK_1 = 0b0,
  HAILO_MIPI_PIXELS_PER_CLOCK_2 = 0b01,
  HAILO_MIPI_PIXELS_PER_CLOCK_4 = 0b10,
  HAILO_MIPI_PIXELS_PER_CLOCK_MAX_ENUM = HAILO_MAX_ENUM
} hailo_mipi_pixels_per_clock_t;

typedef enum {
  HAILO_MIPI_CLOCK_SELECTION_80_TO_100_MBPS = 0b00000,
  HAILO_MIPI_CLOCK_SELECTION_100_TO_120_MBPS = 0b00001,
  HAILO_MIPI_CLOCK_SELECTION_120_TO_160_MBPS = 0b00010,
  HAILO_MIPI_CLOCK_SELECTION_160_TO_200_MBPS = 0b00011,
  HAILO_MIPI_CLOCK_SELECTION_200_TO_240_MBPS = 0b00100,
  HAILO_MIPI_CLOCK_SELECTION_240_TO_280_MBPS = 0b00101,
  HAILO_MIPI_CLOCK_SELECTION_280_TO_320_MBPS = 0b00110,
  HAILO_MIPI_CLOCK_SELECTION_320_TO_360_MBPS = 0b00111,
  HAILO_MIPI_CLOCK_SELECTION_360_TO_400_MBPS = 0b01000,
  HAILO_MIPI_CLOCK_SELECTION_400_TO_480_MBPS = 0b01001,
  HAILO_MIPI_CLOCK_SELECTION_480_TO_560_MBPS = 0b01010,
  HAILO_MIPI_CLOCK_SELECTION_560_TO_640_MBPS = 0b01011,
  HAILO_MIPI_CLOCK_SELECTION_640_TO_720_MBPS = 0b01100,
  HAILO_MIPI_CLOCK_SELECTION_720_TO_800_MBPS = 0b01101,
  HAILO_MIPI_CLOCK_SELECTION_800_TO_880_MBPS = 0b01110,
  HAILO_MIPI_CLOCK_SELECTION_880_TO_1040_MBPS = 0b01111,
  HAILO_MIPI_CLOCK_SELECTION_1040_TO_1200_MBPS = 0b10000,
  HAILO_MIPI_CLOCK_SELECTION_1200_TO_1350_MBPS = 0b10001,
  HAILO_MIPI_CLOCK_SELECTION_1350_TO_1500_MBPS = 0b10010,
  HAILO_MIPI_CLOCK_SELECTION_1500_TO_1750_MBPS = 0b10011,
  HAILO_MIPI_CLOCK_SELECTION_1750_TO_2000_MBPS = 0b10100,
  HAILO_MIPI_CLOCK_SELECTION_2000_TO_2250_MBPS = 0b10101,
  HAILO_MIPI_CLOCK_SELECTION_2250_TO_2500_MBPS = 0b10110,
  HAILO_MIPI_CLOCK_SELECTION_AUTOMATIC = 0b111111,
  HAILO_MIPI_CLOCK_SELECTION_MAX_ENUM = HAILO_MAX_ENUM
} hailo_mipi_clock_selection_t;

typedef enum {
  HAILO_MIPI_RX_TYPE_RGB_444 = 0x20,
  HAILO_MIPI_RX_TYPE_RGB_555 = 0x21,
  HAILO_MIPI_RX_TYPE_RGB_565 = 0x22,
  HAILO_MIPI_RX_TYPE_RGB_666 = 0x23,
  HAILO_MIPI_RX_TYPE_RGB_888 = 0x24,
  HAILO_MIPI_RX_TYPE_RAW_6 = 0x28,
  HAILO_MIPI_RX_TYPE_RAW_7 = 0x29,
  HAILO_MIPI_RX_TYPE_RAW_8 = 0x2a,
  HAILO_MIPI_RX_TYPE_RAW_10 = 0x2b,
  HAILO_MIPI_RX_TYPE_RAW_12 = 0x2c,
  HAILO_MIPI_RX_TYPE_RAW_14 = 0x2d,
  HAILO_MIPI_RX_TYPE_MAX_ENUM = HAILO_MAX_ENUM
} hailo_mipi_data_type_rx_t;

typedef enum {
  HAILO_MIPI_ISP_IMG_IN_ORDER_B_FIRST = 0,
  HAILO_MIPI_ISP_IMG_IN_ORDER_GB_FIRST = 1,
  HAILO_MIPI_ISP_IMG_IN_ORDER_GR_FIRST = 2,
  HAILO_MIPI_ISP_IMG_IN_ORDER_R_FIRST = 3,
  HAILO_MIPI_ISP_IMG_IN_ORDER_MAX_ENUM = HAILO_MAX_ENUM
} hailo_mipi_isp_image_in_order_t;

typedef enum {
  HAILO_MIPI_IMG_OUT_DATA_TYPE_RGB_888 = 0x24,
  HAILO_MIPI_IMG_OUT_DATA_TYPE_YUV_422 = 0x1E,
  HAILO_MIPI_IMG_OUT_DATA_TYPE_MAX_ENUM = HAILO_MAX_ENUM
} hailo_mipi_isp_image_out_data_type_t;

typedef enum {
  HAILO_MIPI_ISP_LIGHT_FREQUENCY_60HZ = 0,
  HAILO_MIPI_ISP_LIGHT_FREQUENCY_50HZ = 1,
  ISP_LIGHT_FREQUENCY_MAX_ENUM = HAILO_MAX_ENUM
} hailo_mipi_isp_light_frequency_t;

typedef struct {
  uint16_t img_width_pixels;
  uint16_t img_height_pixels;
  hailo_mipi_pixels_per_clock_t pixels_per_clock;
  uint8_t number_of_lanes;
  hailo_mipi_clock_selection_t clock_selection;
  uint8_t virtual_channel_index;
  uint32_t data_rate;
} hailo_mipi_common_params_t;

typedef struct {
  hailo_mipi_isp_image_in_order_t isp_img_in_order;
  hailo_mipi_isp_image_out_data_type_t isp_img_out_data_type;
  bool isp_crop_enable;
  uint16_t isp_crop_output_width_pixels;
  uint16_t isp_crop_output_height_pixels;
  uint16_t isp_crop_output_width_start_offset_pixels;
  uint16_t isp_crop_output_height_start_offset_pixels;
  bool isp_test_pattern_enable;
  bool isp_configuration_bypass;
  bool isp_run_time_ae_enable;
  bool isp_run_time_awb_enable;
  bool isp_run_time_adt_enable;
  bool isp_run_time_af_enable;
  uint16_t isp_run_time_calculations_interval_ms;
  hailo_mipi_isp_light_frequency_t isp_light_frequency;
} hailo_isp_params_t;

typedef struct {
  hailo_mipi_common_params_t mipi_common_params;
  uint8_t mipi_rx_id;
  hailo_mipi_data_type_rx_t data_type;
  bool isp_enable;
  hailo_isp_params_t isp_params;
} hailo_mipi_input_stream_params_t;

typedef struct {
  EMPTY_STRUCT_PLACEHOLDER
} hailo_integrated_input_stream_params_t;

typedef struct {
  EMPTY_STRUCT_PLACEHOLDER
} hailo_integrated_output_stream_params_t;

typedef enum {
  HAILO_STREAM_INTERFACE_PCIE = 0,
  HAILO_STREAM_INTERFACE_ETH,
  HAILO_STREAM_INTERFACE_MIPI,
  HAILO_STREAM_INTERFACE_INTEGRATED,
  HAILO_STREAM_INTERFACE_MAX_ENUM = HAILO_MAX_ENUM
} hailo_stream_interface_t;

typedef struct {
  hailo_stream_interface_t stream_interface;
  hailo_stream_direction_t direction;
  hailo_stream_flags_t flags;
  union {
    hailo_pcie_input_stream_params_t pcie_input_params;
    hailo_integrated_input_stream_params_t integrated_input_params;
    hailo_eth_input_stream_params_t eth_input_params;
    hailo_mipi_input_stream_params_t mipi_input_params;
    hailo_pcie_output_stream_params_t pcie_output_params;
    hailo_integrated_output_stream_params_t integrated_output_params;
    hailo_eth_output_stream_params_t eth_output_params;
  };
} hailo_stream_parameters_t;

typedef struct {
  char name[HAILO_MAX_STREAM_NAME_SIZE];
  hailo_stream_parameters_t stream_params;
} hailo_stream_parameters_by_name_t;

#ifdef __cplusplus
}
#endif
