// Convolution with AVX2.
#include "kernels/conv/conv_kernels.h"

#if defined(__x86_64__)

#include "kernels/conv/conv_tiles_avx2.h"

namespace graupel {

const Kernel<ConvParams> kConvAvx2 = {.name = "avx2",
                                      .isa = Isa::kAvx2,
                                      .run = ConvRow<Avx2>::run,
                                      .accepts = [](const ConvParams& params) { return is_narrow(params); },
                                      .packed_bytes = ConvRow<Avx2>::packed_bytes,
                                      .pack = ConvRow<Avx2>::pack,
                                      .scratch_bytes = ConvRow<Avx2>::scratch_bytes};

}  // namespace graupel

#endif
