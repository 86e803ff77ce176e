#pragma once
// libcurl's two functions that take a value of any type.  They cannot be passed on by their names,
// as its others are (curl_functions.cpp), and are not to be called by them.

#include <curl/curl.h>

#include <type_traits>

namespace minescan::acquire {

// The functions themselves.  What is passed to them behind the second argument is not checked.
using SetOption = CURLcode (*)(CURL*, CURLoption, ...);
using GetInfo = CURLcode (*)(CURL*, CURLINFO, ...);
SetOption curl_set_option();
GetInfo curl_get_info();

// Whatever libcurl takes is a long, a curl_off_t, which is as wide here, or a pointer.
template <class Value>
CURLcode set_option(CURL* handle, CURLoption option, Value value) {
  static_assert(std::is_same_v<Value, long> || std::is_same_v<Value, curl_off_t> ||
                std::is_pointer_v<Value>);
  static_assert(sizeof(long) == sizeof(curl_off_t));
  return curl_set_option()(handle, option, value);
}

template <class Value>
CURLcode get_info(CURL* handle, CURLINFO info, Value* value) {
  return curl_get_info()(handle, info, value);
}

}  // namespace minescan::acquire
