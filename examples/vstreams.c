/* Frames through virtual streams in C: one thread writes, one reads. Usage: c_vstreams MODEL.hef [FRAMES] */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "hailo/hailort.h"

#define MOST 16

#define CHECK(call)                                                                             \
  do {                                                                                          \
    const hailo_status status_ = (call);                                                        \
    if (status_ != HAILO_SUCCESS) {                                                             \
      fprintf(stderr, "%s: %s (%d)\n", #call, hailo_get_status_message(status_), (int)status_); \
      exit((int)status_);                                                                       \
    }                                                                                           \
  } while (0)

struct writer {
  hailo_input_vstream vstream;
  int frames;
};

static void* write_frames(void* argument) {
  const struct writer* writer = argument;
  size_t size = 0;
  CHECK(hailo_get_input_vstream_frame_size(writer->vstream, &size));
  unsigned char* frame = malloc(size);
  for (int i = 0; i < writer->frames; ++i) {
    for (size_t k = 0; k < size; ++k) frame[k] = (unsigned char)(k * 7 + (size_t)i * 13);
    CHECK(hailo_vstream_write_raw_buffer(writer->vstream, frame, size));
  }
  CHECK(hailo_flush_input_vstream(writer->vstream));
  free(frame);
  return NULL;
}

int main(int argc, char** argv) {
  if (argc < 2) return fprintf(stderr, "usage: %s MODEL.hef [FRAMES]\n", argv[0]), 2;
  const int frames = argc > 2 ? atoi(argv[2]) : 100;
  hailo_vdevice vdevice;
  hailo_hef hef;
  CHECK(hailo_create_vdevice(NULL, &vdevice));
  CHECK(hailo_create_hef_file(&hef, argv[1]));
  static hailo_configure_params_t params; /* too large for a stack */
  CHECK(hailo_init_configure_params_by_vdevice(hef, vdevice, &params));
  hailo_configured_network_group group;
  size_t groups = 1;
  CHECK(hailo_configure_vdevice(vdevice, hef, &params, &group, &groups));

  hailo_input_vstream_params_by_name_t in_params[MOST];
  hailo_output_vstream_params_by_name_t out_params[MOST];
  hailo_input_vstream in[MOST];
  hailo_output_vstream out[MOST];
  size_t ins = MOST, outs = MOST;
  CHECK(hailo_make_input_vstream_params(group, true, HAILO_FORMAT_TYPE_UINT8, in_params, &ins));
  CHECK(hailo_make_output_vstream_params(group, true, HAILO_FORMAT_TYPE_FLOAT32, out_params, &outs));
  CHECK(hailo_create_input_vstreams(group, in_params, ins, in));
  CHECK(hailo_create_output_vstreams(group, out_params, outs, out));

  pthread_t threads[MOST];
  struct writer writers[MOST];
  for (size_t i = 0; i < ins; ++i) {
    writers[i].vstream = in[i];
    writers[i].frames = frames;
    pthread_create(&threads[i], NULL, write_frames, &writers[i]);
  }
  double sum = 0;
  for (int i = 0; i < frames; ++i)
    for (size_t k = 0; k < outs; ++k) {
      size_t size = 0;
      CHECK(hailo_get_output_vstream_frame_size(out[k], &size));
      float* values = malloc(size);
      CHECK(hailo_vstream_read_raw_buffer(out[k], values, size));
      sum += values[0];
      free(values);
    }
  for (size_t i = 0; i < ins; ++i) pthread_join(threads[i], NULL);
  printf("%d frames through %zu inputs and %zu outputs; the first values sum to %g\n", frames, ins, outs, sum);

  CHECK(hailo_release_output_vstreams(out, outs));
  CHECK(hailo_release_input_vstreams(in, ins));
  CHECK(hailo_release_hef(hef));
  CHECK(hailo_release_vdevice(vdevice));
  return 0;
}
