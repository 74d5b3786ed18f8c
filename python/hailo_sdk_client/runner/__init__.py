from hailo_sdk_client.runner.client_runner import ClientRunner

__all__ = ["ClientRunner"]
