// What the interfaces need from the platform.
#pragma once

#if !defined(__GNUC__)
#error "GCC or Clang is needed"
#endif

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define HAILORTAPI __attribute__((visibility("default")))
#define DEPRECATED(message) __attribute__((deprecated(message)))
#define EMPTY_STRUCT_PLACEHOLDER uint8_t reserved;  // an empty struct has different sizes in C and C++

typedef int underlying_handle_t;
typedef in_port_t port_t;
typedef int socket_t;
typedef struct timeval timeval_t;

#ifndef INVALID_SOCKET
#define INVALID_SOCKET (socket_t)(-1)
#endif
#ifndef SOCKET_ERROR
#define SOCKET_ERROR (-1)
#endif
#ifndef MILLISECONDS_IN_SECOND
#define MILLISECONDS_IN_SECOND (1000)
#endif
#ifndef MICROSECONDS_IN_MILLISECOND
#define MICROSECONDS_IN_MILLISECOND (1000)
#endif
