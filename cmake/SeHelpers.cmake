# Three ways to add a target, and no other: se_library, se_program, se_test.
# A library exports its own folder as include path and nothing else, so what is
# not linked cannot be included. PUBLIC is what a library's headers include.

set(SE_WARNINGS -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes
    -Wmissing-prototypes -Werror)
# -Wstrict-prototypes and -Wmissing-prototypes do not exist for C++.
set(SE_WARNINGS_CXX -Wall -Wextra -Wshadow -Werror)

# Packets cross folders, so programs are optimised across them as well (8 % of the
# CPU time of a replay). Objects hold both kinds of code: tests link the plain one
# (-fno-lto), which takes no longer than without.
if(CMAKE_C_COMPILER_ID STREQUAL "GNU" AND CMAKE_BUILD_TYPE MATCHES "^Rel")
  set(SE_LTO -flto=auto -ffat-lto-objects)
  set(SE_NO_LTO -fno-lto)
endif()

function(se_flags target)
  target_compile_features(${target} PUBLIC c_std_17)
  target_compile_definitions(${target} PRIVATE _GNU_SOURCE)
  target_compile_options(${target} PRIVATE
      "$<$<COMPILE_LANGUAGE:C>:${SE_WARNINGS};${SE_LTO}>"
      "$<$<COMPILE_LANGUAGE:CXX>:${SE_WARNINGS_CXX}>")
  if(SE_SANITIZE)
    target_compile_options(${target} PRIVATE -fsanitize=${SE_SANITIZE}
        -fno-omit-frame-pointer -fno-sanitize-recover=all)
    target_link_options(${target} PUBLIC -fsanitize=${SE_SANITIZE})
  endif()
  if(SE_FUZZ)
    target_compile_options(${target} PRIVATE -fsanitize=fuzzer-no-link)
  endif()
endfunction()

# se_library(name SOURCES a.c ... [PUBLIC lib ...] [PRIVATE lib ...])
function(se_library name)
  cmake_parse_arguments(A "" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  add_library(${name} STATIC ${A_SOURCES})
  target_include_directories(${name} PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
  target_link_libraries(${name} PUBLIC ${A_PUBLIC} PRIVATE ${A_PRIVATE})
  se_flags(${name})
endfunction()

# se_program(name CORE_SOURCES a.c ... LIBS lib ...): <name>_core, whose folder
# is private but for those that link it on purpose, and <name> from main.c.
function(se_program folder program)
  cmake_parse_arguments(A "" "" "CORE_SOURCES;LIBS" ${ARGN})
  add_library(${folder}_core STATIC ${A_CORE_SOURCES})
  target_include_directories(${folder}_core PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
  target_link_libraries(${folder}_core PRIVATE ${A_LIBS})
  se_flags(${folder}_core)
  add_executable(${program} main.c)
  target_link_libraries(${program} PRIVATE ${folder}_core ${A_LIBS})
  target_link_options(${program} PRIVATE ${SE_LTO})
  se_flags(${program})
  set_target_properties(${program} PROPERTIES
      RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
  install(TARGETS ${program} RUNTIME DESTINATION bin)
endfunction()

# se_test(name SOURCES x_test.cc shim/x_shim.c LIBS lib ...): a GoogleTest
# program; each TEST is one ctest test, named <name>.<Suite>.<Test>.
function(se_test name)
  cmake_parse_arguments(A "" "" "SOURCES;LIBS" ${ARGN})
  add_executable(${name} ${A_SOURCES})
  target_include_directories(${name} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/shim)
  target_link_libraries(${name} PRIVATE ${A_LIBS} GTest::gtest_main)
  target_link_options(${name} PRIVATE ${SE_NO_LTO})
  target_compile_features(${name} PRIVATE cxx_std_17)
  se_flags(${name})
  target_compile_definitions(${name} PRIVATE
      SE_VECTORS="${CMAKE_SOURCE_DIR}/../shared/vectors"
      SE_SOURCE="${CMAKE_SOURCE_DIR}")
  gtest_discover_tests(${name} TEST_PREFIX "${name}." DISCOVERY_TIMEOUT 60)
endfunction()

# se_fuzz(name SOURCES x_fuzz.c LIBS lib ...): a libFuzzer target under the fuzz
# preset; elsewhere the same source with a driver that replays its corpus once.
function(se_fuzz name)
  cmake_parse_arguments(A "" "" "SOURCES;LIBS" ${ARGN})
  if(SE_FUZZ)
    add_executable(${name} ${A_SOURCES})
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  else()
    add_executable(${name} ${A_SOURCES} ${CMAKE_SOURCE_DIR}/fuzz/replay_corpus.c)
    target_link_options(${name} PRIVATE ${SE_NO_LTO})
    add_test(NAME fuzz.${name}
        COMMAND ${name} ${CMAKE_SOURCE_DIR}/fuzz/corpus/${name})
  endif()
  target_link_libraries(${name} PRIVATE ${A_LIBS})
  se_flags(${name})
endfunction()
