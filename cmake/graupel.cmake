# Build helpers: one function per kind of target, so that a folder's list file is a few lines.

set(GRAUPEL_WARNINGS -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion
    # GCC 12 reports members of disengaged optionals.
    $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)

# Flags follow the file suffix; nothing else is ever built with -m options. Checks of undefined behaviour triple the
# minutes that unrolled vector code takes to compile in sanitizer builds; the references, which define it, have them.
function(graupel_isa_flags source target)
  if(NOT CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    return()
  endif()
  if(source MATCHES "_avx2\\.cc$")
    set_source_files_properties(${source} TARGET_DIRECTORY ${target} PROPERTIES COMPILE_OPTIONS "-mavx2;-mfma;$<$<CONFIG:Debug>:-fno-sanitize=undefined>")
  elseif(source MATCHES "_avx512\\.cc$")
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")  # its own header's _mm512_undefined_*() trips them
      set(quiet "-Wno-uninitialized;-Wno-maybe-uninitialized")
    endif()
    set_source_files_properties(${source} TARGET_DIRECTORY ${target} PROPERTIES COMPILE_OPTIONS
      "-mavx512f;-mavx512bw;-mavx512vl;-mavx512dq;-mavx512vbmi;-mavx512vnni;-mfma;-mprefer-vector-width=512;${quiet};$<$<CONFIG:Debug>:-fno-sanitize=undefined>")
  endif()
endfunction()

# graupel_precompile(target [HEADER … | LIKE other]): the standard library, and headers that most of the target's files
# include, are parsed once, or not even that where a target of the same flags has done it. ./dev turns this off where a
# compiler cache stands in front: there each file shows that it includes what it uses.
function(graupel_precompile target)
  if(NOT TARGET ${target})
    return()
  endif()
  cmake_parse_arguments(ARG "" "LIKE" "" ${ARGN})
  if(ARG_LIKE)
    target_precompile_headers(${target} REUSE_FROM ${ARG_LIKE})
    return()
  endif()
  list(TRANSFORM ARGN REPLACE "^([^<].*)$" "\"\\1\"")  # with quotes, found as files include it
  target_precompile_headers(${target} PRIVATE <algorithm> <functional> <map> <memory> <optional> <span> <sstream> <string>
                            <unordered_map> <variant> <vector> ${ARGN})
endfunction()

# graupel_library(name SOURCES … DEPS …): one folder of src/, with exactly these link edges.
function(graupel_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_library(graupel_${name} STATIC ${ARG_SOURCES})
  target_include_directories(graupel_${name} PUBLIC ${PROJECT_SOURCE_DIR}/src)
  target_compile_features(graupel_${name} PUBLIC cxx_std_20)
  target_compile_options(graupel_${name} PUBLIC -ffp-contract=off PRIVATE ${GRAUPEL_WARNINGS})
  set_target_properties(graupel_${name} PROPERTIES POSITION_INDEPENDENT_CODE ON)
  target_link_libraries(graupel_${name} PUBLIC ${ARG_DEPS})
endfunction()

# graupel_public_library(name SOURCES … DEPS …): libgraupel_NAME.so, which shows include/graupel/NAME.hpp and nothing else; imported as Graupel::NAME.
function(graupel_public_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  set(target graupel_public_${name})
  add_library(${target} SHARED ${ARG_SOURCES})
  add_library(Graupel::${name} ALIAS ${target})
  target_include_directories(${target} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:include>)
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_compile_options(${target} PRIVATE ${GRAUPEL_WARNINGS})
  target_link_libraries(${target} PRIVATE ${ARG_DEPS})
  set_target_properties(${target} PROPERTIES OUTPUT_NAME graupel_${name} EXPORT_NAME ${name} VERSION ${PROJECT_VERSION}
                        SOVERSION ${PROJECT_VERSION} CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
  target_link_options(${target} PRIVATE -Wl,--exclude-libs,ALL)
  install(TARGETS ${target} EXPORT GraupelTargets LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
  install(FILES ${PROJECT_SOURCE_DIR}/include/graupel/${name}.hpp DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/graupel)
endfunction()

# graupel_test(name SOURCES … DEPS …): a GoogleTest program run by ctest as one test.
function(graupel_test name)
  if(NOT GRAUPEL_DEV)
    return()
  endif()
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_compile_options(${name} PRIVATE ${GRAUPEL_WARNINGS})
  target_link_libraries(${name} PRIVATE ${ARG_DEPS} GTest::gtest GTest::gtest_main)
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES LABELS unit)
endfunction()

# graupel_bench(name SOURCES … DEPS …): a Google Benchmark program.
function(graupel_bench name)
  if(NOT GRAUPEL_DEV)
    return()
  endif()
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_DEPS} benchmark::benchmark)
endfunction()

# graupel_kernel_family(name SOURCES … [TEST file] [BENCH file]): one folder of src/kernels/.
function(graupel_kernel_family name)
  cmake_parse_arguments(ARG "" "TEST;BENCH" "SOURCES" ${ARGN})
  foreach(source ${ARG_SOURCES})
    target_sources(graupel_kernels PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/${source})
    graupel_isa_flags(${CMAKE_CURRENT_SOURCE_DIR}/${source} graupel_kernels)
  endforeach()
  if(ARG_TEST)
    graupel_test(kernels_${name}_test SOURCES ${ARG_TEST} DEPS graupel_kernels)
  endif()
  if(ARG_BENCH)
    graupel_bench(kernels_${name}_bench SOURCES ${ARG_BENCH} DEPS graupel_kernels)
  endif()
endfunction()
