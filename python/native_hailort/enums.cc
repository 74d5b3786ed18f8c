// Enumerations under the names that Python programs know them by.
#include "native_hailort/bindings.h"

namespace graupel::platform {
namespace {

void bind_format_enums(py::module_& module) {
  py::enum_<hailo_format_type_t>(module, "FormatType")
      .value("AUTO", HAILO_FORMAT_TYPE_AUTO)
      .value("UINT8", HAILO_FORMAT_TYPE_UINT8)
      .value("UINT16", HAILO_FORMAT_TYPE_UINT16)
      .value("FLOAT32", HAILO_FORMAT_TYPE_FLOAT32);
  py::enum_<hailo_format_order_t>(module, "FormatOrder")
      .value("AUTO", HAILO_FORMAT_ORDER_AUTO)
      .value("NHWC", HAILO_FORMAT_ORDER_NHWC)
      .value("NHCW", HAILO_FORMAT_ORDER_NHCW)
      .value("FCR", HAILO_FORMAT_ORDER_FCR)
      .value("F8CR", HAILO_FORMAT_ORDER_F8CR)
      .value("NHW", HAILO_FORMAT_ORDER_NHW)
      .value("NC", HAILO_FORMAT_ORDER_NC)
      .value("BAYER_RGB", HAILO_FORMAT_ORDER_BAYER_RGB)
      .value("12_BIT_BAYER_RGB", HAILO_FORMAT_ORDER_12_BIT_BAYER_RGB)
      .value("RGB888", HAILO_FORMAT_ORDER_RGB888)
      .value("NCHW", HAILO_FORMAT_ORDER_NCHW)
      .value("YUY2", HAILO_FORMAT_ORDER_YUY2)
      .value("NV12", HAILO_FORMAT_ORDER_NV12)
      .value("YYUV", HAILO_FORMAT_ORDER_HAILO_YYUV)
      .value("NV21", HAILO_FORMAT_ORDER_NV21)
      .value("YYVU", HAILO_FORMAT_ORDER_HAILO_YYVU)
      .value("RGB4", HAILO_FORMAT_ORDER_RGB4)
      .value("I420", HAILO_FORMAT_ORDER_I420)
      .value("YYYYUV", HAILO_FORMAT_ORDER_HAILO_YYYYUV)
      .value("HAILO_NMS_WITH_BYTE_MASK", HAILO_FORMAT_ORDER_HAILO_NMS_WITH_BYTE_MASK)
      .value("HAILO_NMS_ON_CHIP", HAILO_FORMAT_ORDER_HAILO_NMS_ON_CHIP)
      .value("HAILO_NMS_BY_CLASS", HAILO_FORMAT_ORDER_HAILO_NMS_BY_CLASS)
      .value("HAILO_NMS_BY_SCORE", HAILO_FORMAT_ORDER_HAILO_NMS_BY_SCORE);
  py::enum_<hailo_format_flags_t>(module, "FormatFlags", py::arithmetic())
      .value("NONE", HAILO_FORMAT_FLAGS_NONE)
      .value("TRANSPOSED", HAILO_FORMAT_FLAGS_TRANSPOSED);
}

void bind_device_enums(py::module_& module) {
  py::enum_<hailo_stream_direction_t>(module, "StreamDirection")
      .value("H2D", HAILO_H2D_STREAM)
      .value("D2H", HAILO_D2H_STREAM);
  py::enum_<hailo_stream_interface_t>(module, "StreamInterface")
      .value("PCIe", HAILO_STREAM_INTERFACE_PCIE)
      .value("ETH", HAILO_STREAM_INTERFACE_ETH)
      .value("MIPI", HAILO_STREAM_INTERFACE_MIPI)
      .value("INTEGRATED", HAILO_STREAM_INTERFACE_INTEGRATED);
  py::enum_<hailo_scheduling_algorithm_t>(module, "SchedulingAlgorithm")
      .value("NONE", HAILO_SCHEDULING_ALGORITHM_NONE)
      .value("ROUND_ROBIN", HAILO_SCHEDULING_ALGORITHM_ROUND_ROBIN);
  py::enum_<hailo_power_mode_t>(module, "PowerMode")
      .value("PERFORMANCE", HAILO_POWER_MODE_PERFORMANCE)
      .value("ULTRA_PERFORMANCE", HAILO_POWER_MODE_ULTRA_PERFORMANCE);
  py::enum_<hailo_cpu_id_t>(module, "CpuId").value("CPU0", HAILO_CPU_ID_0).value("CPU1", HAILO_CPU_ID_1);
  py::enum_<hailo_notification_id_t>(module, "NotificationId")
      .value("ETHERNET_RX_ERROR", HAILO_NOTIFICATION_ID_ETHERNET_RX_ERROR)
      .value("HEALTH_MONITOR_TEMPERATURE_ALARM", HAILO_NOTIFICATION_ID_HEALTH_MONITOR_TEMPERATURE_ALARM)
      .value("HEALTH_MONITOR_DATAFLOW_SHUTDOWN", HAILO_NOTIFICATION_ID_HEALTH_MONITOR_DATAFLOW_SHUTDOWN)
      .value("HEALTH_MONITOR_OVERCURRENT_ALARM", HAILO_NOTIFICATION_ID_HEALTH_MONITOR_OVERCURRENT_ALARM)
      .value("HEALTH_MONITOR_LCU_ECC_CORRECTABLE_ERROR", HAILO_NOTIFICATION_ID_LCU_ECC_CORRECTABLE_ERROR)
      .value("HEALTH_MONITOR_LCU_ECC_UNCORRECTABLE_ERROR", HAILO_NOTIFICATION_ID_LCU_ECC_UNCORRECTABLE_ERROR)
      .value("HEALTH_MONITOR_CPU_ECC_ERROR", HAILO_NOTIFICATION_ID_CPU_ECC_ERROR)
      .value("HEALTH_MONITOR_CPU_ECC_FATAL", HAILO_NOTIFICATION_ID_CPU_ECC_FATAL)
      .value("DEBUG", HAILO_NOTIFICATION_ID_DEBUG)
      .value("CONTEXT_SWITCH_BREAKPOINT_REACHED", HAILO_NOTIFICATION_ID_CONTEXT_SWITCH_BREAKPOINT_REACHED)
      .value("HEALTH_MONITOR_CLOCK_CHANGED_EVENT", HAILO_NOTIFICATION_ID_HEALTH_MONITOR_CLOCK_CHANGED_EVENT);
  py::enum_<hailo_device_boot_source_t>(module, "BootSource")
      .value("INVALID", HAILO_DEVICE_BOOT_SOURCE_INVALID)
      .value("PCIE", HAILO_DEVICE_BOOT_SOURCE_PCIE)
      .value("FLASH", HAILO_DEVICE_BOOT_SOURCE_FLASH);
}

void bind_power_enums(py::module_& module) {
  py::enum_<hailo_dvm_options_t>(module, "DvmTypes")
      .value("AUTO", HAILO_DVM_OPTIONS_AUTO)
      .value("VDD_CORE", HAILO_DVM_OPTIONS_VDD_CORE)
      .value("VDD_IO", HAILO_DVM_OPTIONS_VDD_IO)
      .value("MIPI_AVDD", HAILO_DVM_OPTIONS_MIPI_AVDD)
      .value("MIPI_AVDD_H", HAILO_DVM_OPTIONS_MIPI_AVDD_H)
      .value("USB_AVDD_IO", HAILO_DVM_OPTIONS_USB_AVDD_IO)
      .value("VDD_TOP", HAILO_DVM_OPTIONS_VDD_TOP)
      .value("USB_AVDD_IO_HV", HAILO_DVM_OPTIONS_USB_AVDD_IO_HV)
      .value("AVDD_H", HAILO_DVM_OPTIONS_AVDD_H)
      .value("SDIO_VDD_IO", HAILO_DVM_OPTIONS_SDIO_VDD_IO)
      .value("OVERCURRENT_PROTECTION", HAILO_DVM_OPTIONS_OVERCURRENT_PROTECTION);
  py::enum_<hailo_power_measurement_types_t>(module, "PowerMeasurementTypes")
      .value("AUTO", HAILO_POWER_MEASUREMENT_TYPES__AUTO)
      .value("SHUNT_VOLTAGE", HAILO_POWER_MEASUREMENT_TYPES__SHUNT_VOLTAGE)
      .value("BUS_VOLTAGE", HAILO_POWER_MEASUREMENT_TYPES__BUS_VOLTAGE)
      .value("POWER", HAILO_POWER_MEASUREMENT_TYPES__POWER)
      .value("CURRENT", HAILO_POWER_MEASUREMENT_TYPES__CURRENT);
  py::enum_<hailo_sampling_period_t>(module, "SamplingPeriod")
      .value("PERIOD_140us", HAILO_SAMPLING_PERIOD_140US)
      .value("PERIOD_204us", HAILO_SAMPLING_PERIOD_204US)
      .value("PERIOD_332us", HAILO_SAMPLING_PERIOD_332US)
      .value("PERIOD_588us", HAILO_SAMPLING_PERIOD_588US)
      .value("PERIOD_1100us", HAILO_SAMPLING_PERIOD_1100US)
      .value("PERIOD_2116us", HAILO_SAMPLING_PERIOD_2116US)
      .value("PERIOD_4156us", HAILO_SAMPLING_PERIOD_4156US)
      .value("PERIOD_8244us", HAILO_SAMPLING_PERIOD_8244US);
  py::enum_<hailo_averaging_factor_t>(module, "AveragingFactor")
      .value("AVERAGE_1", HAILO_AVERAGE_FACTOR_1)
      .value("AVERAGE_4", HAILO_AVERAGE_FACTOR_4)
      .value("AVERAGE_16", HAILO_AVERAGE_FACTOR_16)
      .value("AVERAGE_64", HAILO_AVERAGE_FACTOR_64)
      .value("AVERAGE_128", HAILO_AVERAGE_FACTOR_128)
      .value("AVERAGE_256", HAILO_AVERAGE_FACTOR_256)
      .value("AVERAGE_512", HAILO_AVERAGE_FACTOR_512)
      .value("AVERAGE_1024", HAILO_AVERAGE_FACTOR_1024);
  py::enum_<hailo_measurement_buffer_index_t>(module, "MeasurementBufferIndex")
      .value("MEASUREMENT_BUFFER_INDEX_0", HAILO_MEASUREMENT_BUFFER_INDEX_0)
      .value("MEASUREMENT_BUFFER_INDEX_1", HAILO_MEASUREMENT_BUFFER_INDEX_1)
      .value("MEASUREMENT_BUFFER_INDEX_2", HAILO_MEASUREMENT_BUFFER_INDEX_2)
      .value("MEASUREMENT_BUFFER_INDEX_3", HAILO_MEASUREMENT_BUFFER_INDEX_3);
}

}  // namespace

void bind_enums(py::module_& module) {
  bind_format_enums(module);
  bind_device_enums(module);
  bind_power_enums(module);
  bind_camera_enums(module);
}

}  // namespace graupel::platform
