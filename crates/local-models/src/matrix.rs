//! Matrices within slices, and their product. The only unsafe code of this crate: the kernel
//! takes pointers, so every view proves its bounds when it is made.

use gemm_common::Parallelism;

/// A matrix to read: `rows` × `columns` numbers, with fixed steps between rows and columns.
#[derive(Clone, Copy)]
pub(crate) struct View<'a> {
    data: &'a [f32],
    rows: usize,
    columns: usize,
    row_step: usize,
    column_step: usize,
}

/// A matrix to write: rows lie one after the other, `row_step` numbers apart.
pub(crate) struct ViewMut<'a> {
    data: &'a mut [f32],
    rows: usize,
    columns: usize,
    row_step: usize,
}

impl<'a> View<'a> {
    /// The first `rows` rows of `columns` numbers in `data`.
    pub(crate) fn new(data: &'a [f32], rows: usize, columns: usize, row_step: usize) -> Self {
        assert!(fits(data.len(), rows, columns, row_step), "the matrix lies within its slice");
        Self { data, rows, columns, row_step, column_step: 1 }
    }

    /// Rows and columns exchanged.
    pub(crate) const fn transposed(self) -> Self {
        Self {
            data: self.data,
            rows: self.columns,
            columns: self.rows,
            row_step: self.column_step,
            column_step: self.row_step,
        }
    }
}

impl<'a> ViewMut<'a> {
    /// As [`View::new`].
    pub(crate) fn new(data: &'a mut [f32], rows: usize, columns: usize, row_step: usize) -> Self {
        assert!(fits(data.len(), rows, columns, row_step), "the matrix lies within its slice");
        Self { data, rows, columns, row_step }
    }
}

/// Whether rows do not overlap and the last number lies within `length`.
fn fits(length: usize, rows: usize, columns: usize, row_step: usize) -> bool {
    if rows == 0 || columns == 0 {
        return true;
    }
    let end = (rows - 1).checked_mul(row_step).and_then(|last| last.checked_add(columns));
    row_step >= columns && end.is_some_and(|end| end <= length)
}

/// What becomes of the numbers that are in the way.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Into {
    /// They are replaced.
    Replace,
    /// The product is added to them.
    Add,
}

/// `scale · a · b`, in this thread.
pub(crate) fn multiply(target: ViewMut<'_>, into: Into, scale: f32, a: View<'_>, b: View<'_>) {
    assert!(
        a.columns == b.rows && target.rows == a.rows && target.columns == b.columns,
        "the matrices go together"
    );
    if target.rows == 0 || target.columns == 0 {
        return;
    }
    let step = usize::cast_signed;
    let kernel = gemm_f32::gemm::f32::get_gemm_fn();
    // The kernel prefers columns that lie together. Ours are rows, so it is asked for the
    // transposed product: b' · a'.
    #[expect(unsafe_code, reason = "the kernel takes pointers; the views have proved their bounds")]
    // SAFETY: `View::new` and `ViewMut::new` proved that every number of the three matrices lies
    // within its slice, `transposed` keeps them, the shapes were compared above, and the target's
    // rows do not overlap. The target is borrowed mutably, so it shares nothing with a and b.
    unsafe {
        kernel(
            target.columns,
            target.rows,
            a.columns,
            target.data.as_mut_ptr(),
            step(target.row_step),
            1,
            into == Into::Add,
            b.data.as_ptr(),
            step(b.row_step),
            step(b.column_step),
            a.data.as_ptr(),
            step(a.row_step),
            step(a.column_step),
            1.0,
            scale,
            false,
            false,
            false,
            Parallelism::None,
        );
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The product by its definition.
    fn plain(a: &[f32], b: &[f32], (rows, depth, columns): (usize, usize, usize)) -> Vec<f32> {
        let mut product = vec![0.0; rows * columns];
        for row in 0..rows {
            for column in 0..columns {
                product[row * columns + column] =
                    (0..depth).map(|k| a[row * depth + k] * b[k * columns + column]).sum();
            }
        }
        product
    }

    fn transposed(matrix: &[f32], rows: usize, columns: usize) -> Vec<f32> {
        (0..rows * columns).map(|i| matrix[i % rows * columns + i / rows]).collect()
    }

    proptest! {
        #[test]
        fn the_product_is_that_of_the_definition(
            rows in 0_usize..20, depth in 1_usize..40, columns in 0_usize..40, seed in any::<u32>(),
        ) {
            let number = |i: usize| ((i as u32).wrapping_mul(2_654_435_761) ^ seed) as f32 / 4e9 - 0.5;
            let a: Vec<f32> = (0..rows * depth).map(number).collect();
            let b: Vec<f32> = (0..depth * columns).map(|i| number(i + 999)).collect();
            let expected = plain(&a, &b, (rows, depth, columns));
            let close = |found: &[f32], shift: f32| {
                found.iter().zip(&expected).all(|(f, e)| (f - 2.0 * e - shift).abs() < 1e-4)
            };

            let mut found = vec![7.0; rows * columns];
            let view_a = View::new(&a, rows, depth, depth);
            let target = ViewMut::new(&mut found, rows, columns, columns);
            multiply(target, Into::Replace, 2.0, view_a, View::new(&b, depth, columns, columns));
            prop_assert!(close(&found, 0.0));

            let mut found = vec![7.0; rows * columns];
            let across = transposed(&b, depth, columns);
            let target = ViewMut::new(&mut found, rows, columns, columns);
            let view_b = View::new(&across, columns, depth, depth).transposed();
            multiply(target, Into::Add, 2.0, view_a, view_b);
            prop_assert!(close(&found, 7.0));
        }
    }

    #[test]
    fn a_part_of_wider_rows_is_a_matrix_too() {
        let wide: Vec<f32> = (0..12_u8).map(f32::from).collect();
        // Columns 1 and 2 of three rows of four, times the unit matrix, into columns 2 and 3.
        let part = View::new(&wide[1..], 3, 2, 4);
        let unit = [1.0, 0.0, 0.0, 1.0];
        let mut found = [0.0; 12];
        let target = ViewMut::new(&mut found[2..], 3, 2, 4);
        multiply(target, Into::Replace, 1.0, part, View::new(&unit, 2, 2, 2));
        assert_eq!(found, [0., 0., 1., 2., 0., 0., 5., 6., 0., 0., 9., 10.]);
    }

    #[test]
    #[should_panic(expected = "within its slice")]
    fn a_view_beyond_its_slice_is_refused() {
        let _view = View::new(&[0.0; 5], 2, 3, 3);
    }

    #[test]
    #[should_panic(expected = "go together")]
    fn matrices_that_do_not_go_together_are_refused() {
        let mut found = [0.0; 4];
        let (a, b) = ([0.0; 6], [0.0; 4]);
        let target = ViewMut::new(&mut found, 2, 2, 2);
        multiply(target, Into::Replace, 1.0, View::new(&a, 2, 3, 3), View::new(&b, 2, 2, 2));
    }
}
