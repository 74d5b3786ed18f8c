// Transposed convolution with AVX2, by the tiles of convolution.
#include "kernels/deconv/deconv_kernels.h"

#if defined(__x86_64__)

#include "kernels/conv/conv_tiles_avx2.h"
#include "kernels/deconv/deconv_vector.h"

namespace graupel {

const Kernel<DeconvParams> kDeconvAvx2 = {.name = "avx2",
                                          .isa = Isa::kAvx2,
                                          .run = DeconvRow<Avx2>::run,
                                          .accepts = DeconvRow<Avx2>::accepts,
                                          .packed_bytes = DeconvRow<Avx2>::packed_bytes,
                                          .pack = DeconvRow<Avx2>::pack,
                                          .scratch_bytes = DeconvRow<Avx2>::scratch_bytes};

}  // namespace graupel

#endif
