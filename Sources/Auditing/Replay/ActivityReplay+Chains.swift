import Membership
import Statements

/// The chains of devices' receipts.
extension ActivityReplay {
    /// A device has signed this receipt. One that stands behind a later one, or in the place of another, does not take the
    /// chain back: those that follow are held against the furthest.
    mutating func advance(_ receipt: Receipt, _ proof: SignatureProof) {
        guard receipt.number > (chains[receipt.device] ?? .start).number else { return }
        chains[receipt.device] = .init(number: receipt.number, last: proof.hash)
    }

    /// What it means that a receipt does not continue its device's receipts.
    func brokenChain(_ receipt: Receipt, after chain: ReceiptRules.Chain) -> String {
        if receipt.number <= chain.number {
            return
                "its number is \(receipt.number), and the log holds number \(chain.number) of the device: the relay logged it"
                + " out of order or twice, or a clone of the device signed it"
        }
        if receipt.number > chain.number + 1 {
            return
                "its number is \(receipt.number), and the log holds \(chain.number) before it: \(receipt.number - chain.number - 1)"
                + " of the device's receipts are missing, which the relay left out or the device never sent"
        }
        return
            "it follows another receipt than the device's number \(chain.number): the relay left that one out, or a clone of the"
            + " device signed one of the two"
    }
}
