;; What of pictures is worth SIMD: halving, and weighted sums of rows and of columns of bytes.
;;
;; kernel.ts lays the memory out and says what each number is. All loads may reach up to 15 bytes beyond what is used,
;; all stores up to 15 bytes beyond what is asked for; both stay within the room that kernel.ts leaves.
(module
  (memory (export "memory") 16)

  ;; Two rows of pixels of three bytes to one row of half the width: means of 2 x 2, halves rounded up.
  (func (export "halve")
    (param $out i32) (param $upper i32) (param $lower i32) (param $pixels i32)
    (local $a v128) (local $b v128) (local $low v128) (local $high v128)
    (loop $next
      ;; Four pixels of each row, which are the first twelve bytes: R G B R G B R G | B R G B.
      (local.set $a (v128.load (local.get $upper)))
      (local.set $b (v128.load (local.get $lower)))
      (local.set $low
        (i16x8.add
          (i16x8.extend_low_i8x16_u (local.get $a))
          (i16x8.extend_low_i8x16_u (local.get $b))))
      (local.set $high
        (i16x8.add
          (i16x8.extend_high_i8x16_u (local.get $a))
          (i16x8.extend_high_i8x16_u (local.get $b))))
      ;; The first and third pixel, and the second and fourth.
      (local.set $a
        (i8x16.shuffle 0 1 2 3 4 5 12 13 14 15 16 17 0 0 0 0 (local.get $low) (local.get $high)))
      (local.set $b
        (i8x16.shuffle 6 7 8 9 10 11 18 19 20 21 22 23 0 0 0 0 (local.get $low) (local.get $high)))
      (local.set $a
        (i16x8.shr_u
          (i16x8.add
            (i16x8.add (local.get $a) (local.get $b))
            (v128.const i16x8 2 2 2 2 2 2 2 2))
          (i32.const 2)))
      (v128.store64_lane 0
        (local.get $out)
        (i8x16.narrow_i16x8_u (local.get $a) (local.get $a)))
      (local.set $out (i32.add (local.get $out) (i32.const 6)))
      (local.set $upper (i32.add (local.get $upper) (i32.const 12)))
      (local.set $lower (i32.add (local.get $lower) (i32.const 12)))
      (br_if $next
        (i32.gt_s
          (local.tee $pixels (i32.sub (local.get $pixels) (i32.const 2)))
          (i32.const 0)))))

  ;; $out[i] = sum of $weights[k] * $lines[k * $stride + i]: bytes by weights of 16 bits to sums of 16 bits.
  (func (export "rows")
    (param $out i32) (param $lines i32) (param $stride i32) (param $weights i32) (param $count i32) (param $bytes i32)
    (local $line i32) (local $weight i32) (local $left i32)
    (local $x v128) (local $w v128) (local $low v128) (local $high v128)
    (loop $next
      (local.set $line (local.get $lines))
      (local.set $weight (local.get $weights))
      (local.set $left (local.get $count))
      (local.set $low (v128.const i64x2 0 0))
      (local.set $high (v128.const i64x2 0 0))
      (loop $tap
        (local.set $x (v128.load (local.get $line)))
        (local.set $w (v128.load16_splat (local.get $weight)))
        (local.set $low
          (i16x8.add
            (local.get $low)
            (i16x8.mul (local.get $w) (i16x8.extend_low_i8x16_u (local.get $x)))))
        (local.set $high
          (i16x8.add
            (local.get $high)
            (i16x8.mul (local.get $w) (i16x8.extend_high_i8x16_u (local.get $x)))))
        (local.set $line (i32.add (local.get $line) (local.get $stride)))
        (local.set $weight (i32.add (local.get $weight) (i32.const 2)))
        (br_if $tap (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
      (v128.store (local.get $out) (local.get $low))
      (v128.store offset=16 (local.get $out) (local.get $high))
      (local.set $out (i32.add (local.get $out) (i32.const 32)))
      (local.set $lines (i32.add (local.get $lines) (i32.const 16)))
      (br_if $next
        (i32.gt_s
          (local.tee $bytes (i32.sub (local.get $bytes) (i32.const 16)))
          (i32.const 0)))))

  ;; For each value, three sums a pixel, from $places[value] bytes behind $sums, by $most weights (float32), to one float32
  ;; in each of three planes that lie $plane bytes apart.
  (func (export "columns")
    (param $out i32) (param $plane i32) (param $sums i32) (param $places i32) (param $weights i32) (param $most i32)
    (param $values i32)
    (local $at i32) (local $left i32) (local $sum v128)
    (loop $next
      (local.set $at (i32.add (local.get $sums) (i32.load (local.get $places))))
      (local.set $left (local.get $most))
      (local.set $sum (v128.const i64x2 0 0))
      (loop $tap
        (local.set $sum
          (f32x4.add
            (local.get $sum)
            (f32x4.mul
              (f32x4.convert_i32x4_u (v128.load16x4_u (local.get $at)))
              (v128.load32_splat (local.get $weights)))))
        (local.set $at (i32.add (local.get $at) (i32.const 6)))
        (local.set $weights (i32.add (local.get $weights) (i32.const 4)))
        (br_if $tap (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
      (v128.store32_lane 0 (local.get $out) (local.get $sum))
      (v128.store32_lane 1 (i32.add (local.get $out) (local.get $plane)) (local.get $sum))
      (v128.store32_lane 2
        (i32.add (local.get $out) (i32.shl (local.get $plane) (i32.const 1)))
        (local.get $sum))
      (local.set $out (i32.add (local.get $out) (i32.const 4)))
      (local.set $places (i32.add (local.get $places) (i32.const 4)))
      (br_if $next (local.tee $values (i32.sub (local.get $values) (i32.const 1)))))))
