// cpp-httplib, with the settings that it takes as macros. Every source that uses the library gets
// it from here: its functions are inline, and two sources with different settings would be one
// program with two definitions.
#pragma once

// The queue of connections that wait for accept(). With the library's 5, a burst of clients is told
// to try again by a lost packet, a second later. The kernel lowers it to net.core.somaxconn.
#define CPPHTTPLIB_LISTEN_BACKLOG 1024

// What http/server.h promises about the parts of a head. A line's length counts its CR LF.
#define CPPHTTPLIB_REQUEST_URI_MAX_LENGTH 4096
#define CPPHTTPLIB_HEADER_MAX_LENGTH 8192
#define CPPHTTPLIB_HEADER_MAX_COUNT 64

// The client would ask for permission to send each body from 1 KiB on, a round trip each.
#define CPPHTTPLIB_EXPECT_100_THRESHOLD 0

// The client would call itself by the library's name and version.
#define CPPHTTPLIB_NO_DEFAULT_USER_AGENT

#include <httplib.h>
