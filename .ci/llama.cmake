# Read by CMake at each project() of llama-cpp-python, which else compiles the library that only
# llama.cpp's own programs use (57 of 140 steps). Its CMakeLists.txt forces the option into the
# cache, so that -DLLAMA_BUILD_COMMON=OFF does nothing; a plain variable comes before the cache.
set(LLAMA_BUILD_COMMON OFF)
