#pragma once

// Without this, a screen of errors in other headers would be the first thing to see.
#ifndef __cpp_exceptions
#  error "magna and CAF need exceptions: compile without -fno-exceptions"
#endif

// Everything is compiled with hidden visibility; these let out what applications may use, and only that.

/// Marks a function or class that applications may use: it can be reached through a shared library.
#define MAGNA_EXPORT [[gnu::visibility("default")]]

/// Marks a class inside an exported one that is not for use.
#define MAGNA_HIDDEN [[gnu::visibility("hidden")]]
